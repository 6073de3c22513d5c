package io.cdcsystem.schema.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("E1")
@Timeout(60)
class HttpSchemaRegistryTest {
    private static final RetryPolicy QUICK = new RetryPolicy(
            Duration.ofMillis(500), Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(1500));

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Queue<Answer> answers = new ArrayDeque<>();
    private HttpServer server;
    private String url;

    private record Answer(int status, @Nullable String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath() + " "
                            + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                            + exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
            Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
            if (answer.body() == null) {
                // Headers without their body: an answer that never ends.
                exchange.sendResponseHeaders(answer.status(), 1000);
                exchange.getResponseBody().flush();
                return;
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void registering_posts_the_schema_under_the_encoded_subject() {
        answers.add(new Answer(200, "{\"id\":42}"));

        assertThat(registry(url + "/apis/ccompat/v7/").register("a b/ü-value", "\"string\""))
                .isEqualTo(42);
        assertThat(requests)
                .containsExactly("POST /apis/ccompat/v7/subjects/a%20b%2F%C3%BC-value/versions"
                        + " application/vnd.schemaregistry.v1+json null {\"schema\":\"\\\"string\\\"\"}");
    }

    @Test
    void a_schema_is_read_by_its_id() {
        answers.add(new Answer(200, "{\"schema\":\"\\\"long\\\"\"}"));

        assertThat(registry(url).schemaById(7)).isEqualTo("\"long\"");
        assertThat(requests.get(0)).startsWith("GET /schemas/ids/7 ");
    }

    @Test
    void credentials_go_as_basic_authentication_and_never_into_text() {
        answers.add(new Answer(200, "{\"id\":1}"));
        RegistryConfig config = new RegistryConfig(List.of(url), "cdc", "s3cret:ß", Duration.ofMinutes(1));
        new HttpSchemaRegistry(config, QUICK).register("s", "\"int\"");

        String expected = Base64.getEncoder().encodeToString("cdc:s3cret:ß".getBytes(StandardCharsets.UTF_8));
        assertThat(requests.get(0)).contains("Basic " + expected);
        assertThat(config.toString()).contains("cdc").doesNotContain("s3cret");
    }

    @Test
    void a_server_error_is_retried_until_it_passes() {
        answers.add(new Answer(500, "{\"error_code\":50001,\"message\":\"leader election\"}"));
        answers.add(new Answer(503, "busy"));
        answers.add(new Answer(200, "{\"id\":3}"));

        assertThat(registry(url).register("s", "\"int\"")).isEqualTo(3);
        assertThat(requests).hasSize(3);
    }

    @Test
    @Tag("E4")
    void an_incompatible_schema_is_rejected_with_subject_and_the_registrys_words() {
        answers.add(new Answer(409, "{\"error_code\":409,\"message\":\"READER_FIELD_MISSING_DEFAULT_VALUE: total\"}"));

        assertThatThrownBy(() -> registry(url).register("shop.orders-value", "\"int\""))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining("shop.orders-value")
                .hasMessageContaining("READER_FIELD_MISSING_DEFAULT_VALUE: total");
        assertThat(requests).hasSize(1);
    }

    @Test
    void an_invalid_schema_is_rejected_and_not_retried() {
        answers.add(new Answer(422, "{\"error_code\":42201,\"message\":\"Invalid schema\"}"));

        assertThatThrownBy(() -> registry(url).register("s-value", "nonsense"))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining("s-value")
                .hasMessageContaining("Invalid schema");
        assertThat(requests).hasSize(1);
    }

    @Test
    void refused_credentials_name_the_remedy() {
        answers.add(new Answer(401, "{\"error_code\":401,\"message\":\"Unauthorized\"}"));

        assertThatThrownBy(() -> registry(url).register("s", "\"int\""))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("username and password");
    }

    @Test
    void something_that_is_no_registry_is_said_to_be_none() {
        answers.add(new Answer(200, "<html>hello</html>"));

        assertThatThrownBy(() -> registry(url).register("s", "\"int\""))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("does not answer like a schema registry");
    }

    @Test
    @Tag("E8")
    void the_second_url_answers_when_the_first_is_down_and_is_asked_first_from_then_on() throws IOException {
        answers.add(new Answer(200, "{\"id\":5}"));
        SchemaRegistry registry = registry(deadUrl(), url);

        assertThat(registry.register("s", "\"int\"")).isEqualTo(5);
        assertThat(registry.register("s", "\"int\"")).isEqualTo(5);
        assertThat(requests).hasSize(2);
    }

    @Test
    void no_registry_at_all_ends_at_the_deadline_naming_the_urls() throws IOException {
        String first = deadUrl();
        String second = deadUrl();
        long begin = System.nanoTime();

        assertThatThrownBy(() -> registry(first, second).register("s", "\"int\""))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE))
                .hasMessageContaining(first)
                .hasMessageContaining(second);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void an_answer_that_never_ends_counts_as_no_answer() {
        answers.add(new Answer(200, null));

        assertThatThrownBy(() -> registry(url).register("s", "\"int\""))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE))
                .hasMessageContaining("no answer within");
    }

    @Test
    void a_timeout_moves_on_to_the_next_answer() {
        answers.add(new Answer(200, null));
        answers.add(new Answer(200, "{\"id\":9}"));

        assertThat(registry(url).register("s", "\"int\"")).isEqualTo(9);
    }

    @Test
    void unusable_configuration_is_refused() {
        assertThatThrownBy(() -> new RegistryConfig(List.of(), null, null, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RegistryConfig(List.of("registry:8081"), null, null, Duration.ZERO))
                .hasMessageContaining("registry:8081");
        assertThatThrownBy(() -> new RegistryConfig(List.of("http://u:secret@host"), null, null, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> new RegistryConfig(List.of(url), "user", null, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static SchemaRegistry registry(String... urls) {
        return new HttpSchemaRegistry(new RegistryConfig(List.of(urls), null, null, Duration.ofMinutes(5)), QUICK);
    }

    private static String deadUrl() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }
    }
}
