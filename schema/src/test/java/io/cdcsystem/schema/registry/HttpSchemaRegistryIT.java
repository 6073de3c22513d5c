package io.cdcsystem.schema.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
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

/** Against a real registry. */
@Tag("E1")
class HttpSchemaRegistryIT {
    private static SchemaRegistryServer server;

    @BeforeAll
    static void start() {
        server = SchemaRegistryServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    @Tag("E5")
    void an_envelopes_schema_is_registered_once_and_read_back_by_id() {
        TableSchema table = new TableSchema(
                new TableId("shop", "public", "orders"),
                List.of(new Column("id", ColumnType.of(ColumnType.Kind.INT32), false, null, "int4")),
                List.of("id"));
        String schema = AvroSchemas.value(EnvelopeConfig.of("srv", "postgresql"), table);
        SchemaRegistry registry = registry(server.url());

        int id = registry.register("srv.public.orders-value", schema);
        assertThat(id).isPositive();
        assertThat(registry.register("srv.public.orders-value", schema)).isEqualTo(id);
        assertThat(new Schema.Parser().parse(registry.schemaById(id))).isEqualTo(new Schema.Parser().parse(schema));
    }

    @Test
    @Tag("E4")
    void an_incompatible_schema_and_nonsense_are_rejected() throws Exception {
        SchemaRegistry registry = registry(server.url());
        registry.register("narrow-value", record("\"long\""));
        backward("narrow-value");

        assertRejected(() -> registry.register("narrow-value", record("\"int\"")), "narrow-value");
        assertRejected(() -> registry.register("nonsense-value", "{\"type\":\"recorx\"}"), "nonsense-value");
        assertRejected(() -> registry.schemaById(999_999), "999999");
    }

    @Test
    @Tag("E6")
    void versions_are_counted_and_the_newest_is_told() {
        SchemaRegistry registry = registry(server.url());
        int first = registry.register("counted-value", record("\"int\""));
        assertThat(registry.newest("counted-value")).isEqualTo(new RegisteredSchema(first, 1, record("\"int\"")));
        int second = registry.register("counted-value", record("\"long\""));

        assertThat(registry.newest("counted-value")).isEqualTo(new RegisteredSchema(second, 2, record("\"long\"")));
        assertThat(registry.version("counted-value", 1)).isEqualTo(new RegisteredSchema(first, 1, record("\"int\"")));
        assertRejected(() -> registry.version("counted-value", 3), "version 3 of subject counted-value");
        assertRejected(() -> registry.newest("uncounted-value"), "uncounted-value");
    }

    @Test
    @Tag("E8")
    void a_registry_that_died_leaves_cached_answers_usable_and_comes_back() {
        try (SchemaRegistryServer own = SchemaRegistryServer.start()) {
            RegistryConfig config = new RegistryConfig(List.of(own.url()), null, null, Duration.ZERO);
            RetryPolicy quick = new RetryPolicy(
                    Duration.ofSeconds(1), Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(1));
            SchemaRegistry registry = new CachingSchemaRegistry(new HttpSchemaRegistry(config, quick), Duration.ZERO);
            int id = registry.register("s-value", record("\"long\""));
            own.kill();

            assertThat(registry.register("s-value", record("\"long\""))).isEqualTo(id);
            assertThat(registry.schemaById(id)).isEqualTo(record("\"long\""));
            assertThatThrownBy(() -> registry.register("new-value", record("\"string\"")))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE));

            own.restart();
            assertThat(registry(own.url()).register("s-value", record("\"long\"")))
                    .isEqualTo(id);
        }
    }

    private static void assertRejected(Runnable call, String subject) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining(subject);
    }

    private static void backward(String subject) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/config/" + subject))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\":\"BACKWARD\"}"))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
    }

    private static String record(String type) {
        return "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"total\",\"type\":" + type + "}]}";
    }

    private static SchemaRegistry registry(String url) {
        return new HttpSchemaRegistry(new RegistryConfig(List.of(url), null, null, Duration.ofMinutes(5)));
    }
}
