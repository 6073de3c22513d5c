package io.cdcsystem.schema.ruling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.ruling.VersionRegistrar.Registration;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against scripted answers of a registry: what a real one says only in a race. */
@Tag("E4")
class SubjectRegistrarTest {
    private static final TableSchema TABLE = new TableSchema(
            new TableId("shop", "public", "orders"),
            List.of(new Column("id", ColumnType.of(Kind.INT32), false, null, "int4")),
            List.of("id"));

    private final List<String> registered = Collections.synchronizedList(new ArrayList<>());
    private volatile int registration = 200;
    private volatile boolean compatible = true;
    private volatile boolean compatibleThen = true;
    private HttpServer server;
    private SubjectRegistrar registrar;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        registrar = new SubjectRegistrar(
                EnvelopeConfig.of("srv", "postgresql"),
                new HttpSchemaRegistry(new RegistryConfig(
                        List.of("http://127.0.0.1:" + server.getAddress().getPort()), null, null, Duration.ZERO)));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void key_and_value_are_registered_under_their_subjects() {
        assertThat(registrar.register(TABLE)).isEqualTo(new Registration.Registered(new SchemaIds(1, 2)));
        assertThat(registered).containsExactly("srv.public.orders-key", "srv.public.orders-value");

        TableSchema keyless = new TableSchema(TABLE.id(), TABLE.columns(), List.of());
        assertThat(registrar.register(keyless)).isEqualTo(new Registration.Registered(new SchemaIds(0, 3)));
    }

    @Test
    void a_refused_value_leaves_no_key_behind() {
        compatible = false;
        assertThat(registrar.register(TABLE))
                .isInstanceOfSatisfying(Registration.Refused.class, refused -> assertThat(refused.reason())
                        .contains("srv.public.orders-value", "reader is missing a default"));
        assertThat(registered).isEmpty();
    }

    @Test
    void a_conflict_behind_a_good_verdict_breaks_if_the_verdict_is_another_by_then() {
        registration = 409;
        compatibleThen = false;
        assertThat(registrar.register(TABLE)).isInstanceOf(Registration.Refused.class);
    }

    @Test
    void a_schema_that_the_registry_cannot_take_is_an_error() {
        registration = 422;
        assertThatThrownBy(() -> registrar.register(TABLE))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("SCHEMA_REJECTED");
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        String subject = path.replaceFirst(".*/subjects/", "").replaceFirst("/.*", "");
        if (path.startsWith("/compatibility")) {
            boolean answer = compatible || !subject.endsWith("-value");
            send(
                    exchange,
                    200,
                    "{\"is_compatible\":" + answer + ",\"messages\":["
                            + (answer ? "" : "\"reader is missing a default\"") + "]}");
        } else if (path.endsWith("/versions")) {
            compatible = compatibleThen;
            if (registration == 200) {
                registered.add(subject);
                send(exchange, 200, "{\"id\":" + registered.size() + "}");
            } else {
                send(exchange, registration, "{\"error_code\":" + registration + ",\"message\":\"no\"}");
            }
        } else {
            send(exchange, 404, "{\"error_code\":40403,\"message\":\"schema not found\"}");
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
