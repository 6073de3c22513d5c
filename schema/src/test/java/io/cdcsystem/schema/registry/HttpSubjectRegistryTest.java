package io.cdcsystem.schema.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The subjects' part of the interface as Confluent's own registry answers it, and what else it may answer. */
@Tag("E1")
@Timeout(60)
class HttpSubjectRegistryTest {
    // The first pause goes beyond the deadline: each call is tried once.
    private static final RetryPolicy ONCE = new RetryPolicy(
            Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(25));
    private static final String NO_OWN_LEVEL = "{\"error_code\":40408,\"message\":\"no own level\"}";
    private static final String NO_SUCH_SCHEMA = "{\"error_code\":40403,\"message\":\"Schema not found\"}";

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Answer> answers = new HashMap<>();
    /** Calls that interrupt the caller instead of being answered, once each. */
    private final Set<String> interrupting = ConcurrentHashMap.newKeySet();

    private HttpServer server;
    private SubjectRegistry registry;

    private record Answer(int status, String body) {}

    @BeforeEach
    void start() throws IOException {
        Thread caller = Thread.currentThread();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String call = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(sent.contains("compatibility") ? call + " " + sent : call);
            if (interrupting.remove(call)) {
                caller.interrupt();
                return;
            }
            Answer answer =
                    answers.getOrDefault(call, new Answer(404, "{\"error_code\":404,\"message\":\"HTTP 404\"}"));
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        registry = new HttpSchemaRegistry(new RegistryConfig(List.of(url), null, null, Duration.ZERO), ONCE);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    @Tag("E9")
    void an_approved_schema_lifts_the_level_and_takes_it_away_where_there_was_none() {
        brokenSubject();
        answers.put("GET /config/s", new Answer(404, NO_OWN_LEVEL));
        answers.put("DELETE /config/s", new Answer(200, "{\"compatibility\":\"NONE\"}"));
        answers.put("POST /subjects/s/versions", new Answer(200, "{\"id\":7}"));

        assertThat(registry.registerRegardless("s", "\"int\"")).isEqualTo(7);
        assertThat(requests)
                .containsSubsequence(
                        "GET /config/s",
                        "PUT /config/s {\"compatibility\":\"NONE\"}",
                        "POST /subjects/s/versions",
                        "DELETE /config/s");
    }

    @Test
    @Tag("E9")
    void the_level_is_put_back_also_when_the_registration_fails() {
        brokenSubject();
        answers.put("GET /config/s", new Answer(200, "{\"compatibilityLevel\":\"FULL\"}"));
        answers.put("POST /subjects/s/versions", new Answer(500, "{\"error_code\":50001,\"message\":\"no leader\"}"));

        assertThatThrownBy(() -> registry.registerRegardless("s", "\"int\""))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE))
                .hasMessageContaining("no leader");
        assertThat(requests.get(requests.size() - 1)).isEqualTo("PUT /config/s {\"compatibility\":\"FULL\"}");
    }

    @Test
    @Tag("E9")
    void the_level_is_put_back_also_by_who_is_interrupted_and_stays_interrupted() {
        brokenSubject();
        answers.put("GET /config/s", new Answer(200, "{\"compatibilityLevel\":\"FULL\"}"));
        interrupting.add("POST /subjects/s/versions");

        assertThatThrownBy(() -> registry.registerRegardless("s", "\"int\""))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("interrupted while asking the registry")
                .hasMessageNotContaining("may be left without");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(requests.get(requests.size() - 1)).isEqualTo("PUT /config/s {\"compatibility\":\"FULL\"}");
    }

    @Test
    @Tag("E9")
    void an_interrupt_while_the_level_is_put_back_does_not_keep_it_away() {
        brokenSubject();
        answers.put("GET /config/s", new Answer(404, NO_OWN_LEVEL));
        answers.put("POST /subjects/s/versions", new Answer(200, "{\"id\":7}"));
        answers.put("DELETE /config/s", new Answer(200, "{\"compatibility\":\"NONE\"}"));
        interrupting.add("DELETE /config/s");

        assertThat(registry.registerRegardless("s", "\"int\"")).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(requests).endsWith("POST /subjects/s/versions", "DELETE /config/s", "DELETE /config/s");
    }

    @Test
    @Tag("E9")
    void a_level_that_could_not_be_put_back_is_said_with_what_it_was() {
        brokenSubject();
        answers.put("GET /config/s", new Answer(404, NO_OWN_LEVEL));
        answers.put("POST /subjects/s/versions", new Answer(200, "{\"id\":7}"));
        answers.put("DELETE /config/s", new Answer(403, "{\"error_code\":403,\"message\":\"no\"}"));

        assertThatThrownBy(() -> registry.registerRegardless("s", "\"int\""))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("subject s may be left without a compatibility check: delete its own level again")
                .hasMessageContaining("the schema is registered");
        answers.put(
                "POST /subjects/s/versions", new Answer(422, "{\"error_code\":42201,\"message\":\"Invalid schema\"}"));
        assertThatThrownBy(() -> registry.registerRegardless("s", "\"int\""))
                .isInstanceOf(CdcException.class)
                .hasMessageContainingAll("may be left without a compatibility check", "Invalid schema");
    }

    @Test
    @Tag("E11")
    void levels_are_read_and_an_unknown_one_is_refused() {
        answers.put("GET /config", new Answer(200, "{\"compatibilityLevel\":\"BACKWARD\"}"));
        answers.put("GET /config/s", new Answer(404, NO_OWN_LEVEL));
        answers.put("GET /config/t", new Answer(200, "{\"compatibilityLevel\":\"NONE\"}"));
        answers.put("GET /config/u", new Answer(200, "{\"compatibilityLevel\":\"SIDEWAYS\"}"));

        assertThat(registry.compatibility("s")).isEmpty();
        assertThat(registry.effectiveCompatibility("s")).isEqualTo(CompatibilityMode.BACKWARD);
        assertThat(registry.effectiveCompatibility("t")).isEqualTo(CompatibilityMode.NONE);
        assertThatThrownBy(() -> registry.compatibility("u"))
                .isInstanceOf(CdcException.class)
                .hasMessageContainingAll("SIDEWAYS", "subject u", "forward-transitive");
    }

    @Test
    @Tag("E11")
    void a_verdict_comes_with_the_registrys_messages() {
        answers.put(
                "POST /compatibility/subjects/s/versions?verbose=true",
                new Answer(200, "{\"is_compatible\":false,\"messages\":[\"one\",\"two\"]}"));

        assertThat(registry.isCompatible("s", "\"int\""))
                .isEqualTo(new CompatibilityAnswer(false, List.of("one", "two")));
    }

    @Test
    void a_wrong_url_is_not_taken_for_a_subject_that_does_not_exist() {
        assertThatThrownBy(() -> registry.versions("s"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("check the registry's url");
        assertThatThrownBy(() -> registry.lookup("s", "\"int\"")).isInstanceOf(CdcException.class);
    }

    @Test
    @Tag("E8")
    void answers_of_500_409_and_422_are_what_they_are() {
        answers.put("POST /subjects/s", new Answer(500, "{\"error_code\":50001,\"message\":\"no leader\"}"));
        answers.put("PUT /config/s", new Answer(422, "{\"error_code\":42203,\"message\":\"Invalid level\"}"));
        answers.put("GET /subjects/s/versions", new Answer(409, "{\"error_code\":409,\"message\":\"busy\"}"));

        assertThatThrownBy(() -> registry.lookup("s", "\"int\""))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE))
                .hasMessageContaining("no leader");
        assertThatThrownBy(() -> registry.setCompatibility("s", CompatibilityMode.FULL))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining("Invalid level");
        assertThatThrownBy(() -> registry.versions("s"))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED));
    }

    @Test
    @Tag("E5")
    void a_reference_that_is_gone_or_goes_in_a_circle_is_said() {
        answers.put("GET /schemas/ids/1", new Answer(200, referring("gone")));
        answers.put("GET /subjects/gone/versions/1", new Answer(404, "{\"error_code\":40401,\"message\":\"no\"}"));
        answers.put("GET /schemas/ids/2", new Answer(200, referring("circle")));
        answers.put("GET /subjects/circle/versions/1", new Answer(200, referring("circle")));

        assertThatThrownBy(() -> registry.schemaById(1))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContainingAll("version 1 of subject gone", "schema of id 1");
        assertThatThrownBy(() -> registry.schemaById(2))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining("cannot be put together from its references");
    }

    /** A subject that has a schema, and not the one to register. */
    private void brokenSubject() {
        answers.put("POST /subjects/s", new Answer(404, NO_SUCH_SCHEMA));
        answers.put("GET /subjects/s/versions", new Answer(200, "[1]"));
        answers.put("PUT /config/s", new Answer(200, "{\"compatibility\":\"NONE\"}"));
    }

    private static String referring(String subject) {
        return "{\"schema\":\"{\\\"type\\\":\\\"array\\\",\\\"items\\\":\\\"x.City\\\"}\",\"references\":"
                + "[{\"name\":\"x.City\",\"subject\":\"" + subject + "\",\"version\":1}]}";
    }
}
