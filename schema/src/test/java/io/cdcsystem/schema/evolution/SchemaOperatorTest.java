package io.cdcsystem.schema.evolution;

import static io.cdcsystem.schema.evolution.Tables.KEYLESS;
import static io.cdcsystem.schema.evolution.Tables.ORDERS;
import static io.cdcsystem.schema.evolution.Tables.change;
import static io.cdcsystem.schema.evolution.Tables.completed;
import static io.cdcsystem.schema.evolution.Tables.row;
import static io.cdcsystem.schema.evolution.Tables.truncated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.cdcsystem.schema.codec.RecordFormat;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.KeyHash;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("E2")
@SuppressWarnings("try") // The harness's close() may be interrupted; a test then fails, as it should.
class SchemaOperatorTest {
    private static final int KEY_GROUPS = 128;
    private static final EnvelopeConfig ENVELOPE = EnvelopeConfig.of("srv", "postgresql");

    /** Requests to the registry; the id of a registration is its place in this list, from 1. */
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    private volatile int status = 200;
    private HttpServer registry;

    @BeforeEach
    void start() throws IOException {
        registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        registry.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String schema = new ObjectMapper().readTree(body).path("schema").textValue();
            new Schema.Parser().parse(schema);
            requests.add(exchange.getRequestURI().getPath());
            byte[] answer = (status == 200 ? "{\"id\":" + requests.size() + "}" : "{\"message\":\"dropped a field\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        registry.start();
    }

    @AfterEach
    void stop() {
        registry.stop(0);
    }

    @Test
    void avro_schemas_are_registered_once_before_the_first_event_and_framed_by_id() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of(Op.TRUNCATE))) {
            harness.open();
            assertThat(requests).isEmpty();
            harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 5);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(2, "a", "b")), 6);

            assertThat(requests)
                    .containsExactly(
                            "/subjects/srv.public.orders-key/versions", "/subjects/srv.public.orders-value/versions");
            List<ChangeEvent> events = changes(harness);
            assertThat(events).hasSize(2).allSatisfy(event -> {
                assertThat(event.keySchemaId()).isEqualTo(1);
                assertThat(event.valueSchemaId()).isEqualTo(2);
                assertThat(framedId(event.key())).isEqualTo(1);
                assertThat(framedId(event.value())).isEqualTo(2);
            });
        }
    }

    @Test
    @Tag("E10")
    void a_new_version_registers_anew_and_the_old_one_keeps_its_ids() throws Exception {
        List<Column> columns = new ArrayList<>(ORDERS.columns());
        columns.add(new Column("extra", ColumnType.of(ColumnType.Kind.INT64), true, null, "int8"));
        TableSchema wider = new TableSchema(ORDERS.id(), columns, ORDERS.primaryKey());
        TableSchema equalCopy = new TableSchema(ORDERS.id(), List.copyOf(ORDERS.columns()), ORDERS.primaryKey());
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of())) {
            harness.open();
            harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 0);
            harness.processElement(change(wider, Op.CREATE, null, row(2, "a", "b", null)), 0);
            harness.processElement(change(equalCopy, Op.CREATE, null, row(3, "a", "b")), 0);

            assertThat(changes(harness)).extracting(ChangeEvent::valueSchemaId).containsExactly(2, requests.size(), 2);
            // The key's schema is the same for both versions: known already, not asked for again.
            assertThat(requests).hasSize(3);
        }
    }

    @Test
    @Tag("S7")
    void a_table_without_primary_key_registers_no_key_schema() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of())) {
            harness.open();
            harness.processElement(change(KEYLESS, Op.CREATE, null, row(1, "a", "b")), 0);

            assertThat(requests).containsExactly("/subjects/srv.public.orders-value/versions");
            assertThat(harness.extractOutputValues().get(0).key()).isNull();
        }
    }

    @Test
    @Tag("E4")
    void a_rejected_schema_fails_the_task_before_any_event_uses_it() throws Exception {
        status = 409;
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of())) {
            harness.open();
            assertThatThrownBy(() -> harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 0))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                    .hasMessageContaining("srv.public.orders-key")
                    .hasMessageContaining("dropped a field");
            assertThat(harness.extractOutputValues()).isEmpty();
        }
    }

    @Test
    void json_needs_no_registry_and_timestamps_pass_through() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_JSON, Set.of(Op.TRUNCATE))) {
            harness.open();
            harness.processElement(truncated(ORDERS), 1);
            harness.processElement(change(ORDERS, Op.UPDATE, row(1, "a", "b"), row(2, "a", "b")), 77);

            assertThat(requests).isEmpty();
            assertThat(harness.extractOutputStreamRecords())
                    .hasSize(2)
                    .allSatisfy(record -> assertThat(record.getTimestamp()).isEqualTo(77));
            assertThat(changes(harness)).extracting(ChangeEvent::op).containsExactly(Op.DELETE, Op.CREATE);
            assertThat(new String(changes(harness).get(1).value(), StandardCharsets.UTF_8))
                    .contains("\"ts_us\":99");
        }
    }

    @Test
    void avro_without_a_registry_is_refused() {
        assertThatThrownBy(() -> new SchemaOperatorConfig(ENVELOPE, RecordFormat.DEBEZIUM_AVRO, null, Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("registry");
        assertThatThrownBy(() -> new SchemaOperatorConfig(ENVELOPE, RecordFormat.DEBEZIUM_JSON, null, Set.of(Op.READ)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private OneInputStreamOperatorTestHarness<SourceEvent, KeyedEvent> harness(RecordFormat format, Set<Op> skipped)
            throws Exception {
        RegistryConfig config = format == RecordFormat.DEBEZIUM_JSON
                ? null
                : new RegistryConfig(
                        List.of("http://127.0.0.1:" + registry.getAddress().getPort()),
                        null,
                        null,
                        Duration.ofMinutes(5));
        return new OneInputStreamOperatorTestHarness<>(
                new SchemaOperator(new SchemaOperatorConfig(ENVELOPE, format, config, skipped), () -> 99),
                KEY_GROUPS,
                1,
                0);
    }

    private static List<ChangeEvent> changes(OneInputStreamOperatorTestHarness<SourceEvent, KeyedEvent> harness) {
        return harness.extractOutputValues().stream()
                .map(ChangeEvent.class::cast)
                .toList();
    }

    @Test
    @Tag("S8")
    void the_end_of_a_snapshot_run_reaches_every_key_group_once_behind_what_came_before() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of(Op.TRUNCATE))) {
            harness.open();
            harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 0);
            harness.processElement(completed(ORDERS), 0);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(2, "a", "b")), 0);

            List<KeyedEvent> events = harness.extractOutputValues();
            assertThat(events).hasSize(2 + KEY_GROUPS);
            assertThat(events.get(0)).isInstanceOf(ChangeEvent.class);
            assertThat(events.get(1 + KEY_GROUPS)).isInstanceOf(ChangeEvent.class);
            Set<Integer> reached = new HashSet<>();
            for (KeyedEvent event : events.subList(1, 1 + KEY_GROUPS)) {
                TableSweep sweep = (TableSweep) event;
                assertThat(sweep.topic()).isEqualTo("srv.public.orders");
                assertThat(sweep.keyGroups()).isEqualTo(KEY_GROUPS);
                assertThat(sweep.generation()).isEqualTo(completed(ORDERS).generation());
                assertThat(sweep.keySchemaId()).isEqualTo(1);
                assertThat(sweep.valueSchemaId()).isEqualTo(2);
                reached.add(KeyGroupRangeAssignment.computeKeyGroupForKeyHash(
                        KeyHash.of(sweep.topic(), sweep.key()), KEY_GROUPS));
            }
            assertThat(reached).hasSize(KEY_GROUPS);
        }
    }

    @Test
    @Tag("S8")
    void nothing_is_swept_without_key_and_where_deletes_are_skipped() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_JSON, Set.of(Op.DELETE))) {
            harness.open();
            harness.processElement(completed(KEYLESS), 0);
            harness.processElement(completed(ORDERS), 0);

            assertThat(harness.extractOutputValues()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 128, 1 << 15})
    void every_key_group_has_a_route(int keyGroups) {
        Set<Integer> reached = new HashSet<>();
        for (byte[] route : KeyGroupRoutes.of("srv.public.orders", keyGroups)) {
            reached.add(KeyGroupRangeAssignment.computeKeyGroupForKeyHash(
                    KeyHash.of("srv.public.orders", route), keyGroups));
        }
        assertThat(reached).hasSize(keyGroups);
    }

    private static int framedId(byte @Nullable [] framed) {
        ByteBuffer buffer = ByteBuffer.wrap(Objects.requireNonNull(framed));
        assertThat(buffer.get()).isZero();
        return buffer.getInt();
    }
}
