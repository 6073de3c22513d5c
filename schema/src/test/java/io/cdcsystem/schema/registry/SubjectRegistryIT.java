package io.cdcsystem.schema.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.testbed.SchemaRegistryServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Subjects, levels and references of a real registry, whose own level is {@code BACKWARD}. */
@Tag("E1")
class SubjectRegistryIT {
    private static final String LONG = record("\"long\"");
    private static final String INT = record("\"int\"");
    private static final String TEXT = record("\"string\"");

    private static SchemaRegistryServer server;
    private static SubjectRegistry registry;

    @BeforeAll
    static void start() {
        server = SchemaRegistryServer.start();
        registry = client(List.of(server.url()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_subjects_schemas_are_found_by_text_and_by_version() {
        assertThat(registry.versions("found-value")).isEmpty();
        assertThat(registry.lookup("found-value", INT)).isEmpty();

        int first = registry.register("found-value", INT);
        int second = registry.register("found-value", LONG);

        assertThat(registry.versions("found-value")).containsExactly(1, 2);
        assertThat(registry.lookup("found-value", LONG)).contains(new RegisteredSchema(second, 2, LONG));
        assertThat(registry.lookup("found-value", TEXT)).isEmpty();
        assertThat(registry.version("found-value", 1)).isEqualTo(new RegisteredSchema(first, 1, INT));
        assertThatThrownBy(() -> registry.version("found-value", 9))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining("version 9 of subject found-value");
    }

    @Test
    @Tag("E11")
    void a_subjects_level_overrides_the_registrys_until_it_is_taken_away() {
        registry.register("level-value", LONG);
        assertThat(registry.effectiveCompatibility("level-value")).isEqualTo(CompatibilityMode.BACKWARD);

        registry.setCompatibility("level-value", CompatibilityMode.FORWARD_TRANSITIVE);
        assertThat(registry.compatibility("level-value")).contains(CompatibilityMode.FORWARD_TRANSITIVE);
        assertThat(registry.effectiveCompatibility("level-value")).isEqualTo(CompatibilityMode.FORWARD_TRANSITIVE);
        assertThat(registry.isCompatible("level-value", INT).compatible()).isTrue();

        registry.clearCompatibility("level-value");
        assertThat(registry.effectiveCompatibility("level-value")).isEqualTo(CompatibilityMode.BACKWARD);
        CompatibilityAnswer answer = registry.isCompatible("level-value", INT);
        assertThat(answer.compatible()).isFalse();
        assertThat(answer.messages()).singleElement().asString().contains("INT", "LONG");
        assertThat(registry.isCompatible("nowhere-value", INT)).isEqualTo(new CompatibilityAnswer(true, List.of()));
    }

    @ParameterizedTest
    @EnumSource(
            value = CompatibilityMode.class,
            names = {"BACKWARD", "FULL_TRANSITIVE"})
    @Tag("E9")
    void what_a_person_approved_is_registered_and_the_level_stands_again(CompatibilityMode level) {
        String subject = "approved-" + level;
        registry.register(subject, LONG);
        registry.setCompatibility(subject, level);
        assertThatThrownBy(() -> registry.register(subject, TEXT)).isInstanceOf(CdcException.class);

        int id = registry.registerRegardless(subject, TEXT);

        assertThat(registry.lookup(subject, TEXT)).contains(new RegisteredSchema(id, 2, TEXT));
        assertThat(registry.effectiveCompatibility(subject)).isEqualTo(level);
        assertThatThrownBy(() -> registry.register(subject, record("\"boolean\"")))
                .isInstanceOf(CdcException.class);
        assertThat(registry.registerRegardless(subject, TEXT)).isEqualTo(id);
    }

    @Test
    @Tag("E9")
    void the_registrys_own_level_stands_again_too_and_after_a_schema_that_no_level_allows() {
        registry.register("own-value", LONG);

        assertThatThrownBy(() -> registry.registerRegardless("own-value", "{\"type\":\"recorx\"}"))
                .isInstanceOf(CdcException.class);
        assertThatThrownBy(() -> registry.register("own-value", TEXT)).isInstanceOf(CdcException.class);

        registry.registerRegardless("own-value", TEXT);
        assertThatThrownBy(() -> registry.register("own-value", LONG + " ")).isInstanceOf(CdcException.class);
        assertThat(registry.registerRegardless("first-value", TEXT)).isPositive();
    }

    @Test
    @Tag("E5")
    void a_schema_with_references_is_read_as_one_text() throws Exception {
        registry.register("city", named("City", "{\"name\":\"name\",\"type\":\"string\"}"));
        int address = post("address", named("Address", "{\"name\":\"city\",\"type\":\"x.City\"}"), "x.City", "city");
        post("person", named("Person", "{\"name\":\"home\",\"type\":\"x.Address\"}"), "x.Address", "address");

        Schema person = new Schema.Parser().parse(registry.version("person", 1).avroSchemaJson());
        Schema home = person.getField("home").schema();
        assertThat(home.getField("city").schema().getField("name").schema().getType())
                .isEqualTo(Schema.Type.STRING);
        assertThat(new Schema.Parser().parse(registry.schemaById(address))).isEqualTo(home);
    }

    @Test
    @Tag("E8")
    void a_registry_that_came_back_empty_is_taken_up_again_or_noticed() {
        try (SchemaRegistryServer before = SchemaRegistryServer.start();
                SchemaRegistryServer after = SchemaRegistryServer.start()) {
            CachingSubjectRegistry cache =
                    new CachingSubjectRegistry(client(List.of(before.url(), after.url())), Duration.ZERO);
            int first = cache.register("s-value", LONG);
            int second = cache.register("t-value", TEXT);
            before.kill();

            // The second one is empty; it numbers as the first did when it meets the schemas in the same order.
            assertThat(cache.register("s-value", LONG)).isEqualTo(first);
            assertThat(client(List.of(after.url())).lookup("s-value", LONG)).isPresent();
            client(List.of(after.url())).register("other-value", INT);
            assertThatThrownBy(() -> cache.register("t-value", TEXT))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                    .hasMessageContainingAll("t-value", "lost its schemas");
            assertThat(cache.schemaById(second)).isEqualTo(TEXT);
        }
    }

    private static SubjectRegistry client(List<String> urls) {
        RetryPolicy quick = new RetryPolicy(
                Duration.ofSeconds(10), Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(20));
        return new HttpSchemaRegistry(new RegistryConfig(urls, null, null, Duration.ZERO), quick);
    }

    private static int post(String subject, String schema, String name, String referred)
            throws IOException, InterruptedException {
        String quoted = schema.replace("\"", "\\\"");
        String body = "{\"schema\":\"" + quoted + "\",\"references\":[{\"name\":\"" + name + "\",\"subject\":\""
                + referred + "\",\"version\":1}]}";
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/subjects/" + subject + "/versions"))
                                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Integer.parseInt(response.body().replaceAll("\\D", ""));
    }

    private static String named(String name, String field) {
        return "{\"type\":\"record\",\"name\":\"" + name + "\",\"namespace\":\"x\",\"fields\":[" + field + "]}";
    }

    private static String record(String type) {
        return "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"total\",\"type\":" + type + "}]}";
    }
}
