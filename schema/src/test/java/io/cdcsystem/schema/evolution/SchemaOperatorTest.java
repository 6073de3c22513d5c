package io.cdcsystem.schema.evolution;

import static io.cdcsystem.schema.evolution.Tables.ABSENT;
import static io.cdcsystem.schema.evolution.Tables.KEYLESS;
import static io.cdcsystem.schema.evolution.Tables.ORDERS;
import static io.cdcsystem.schema.evolution.Tables.change;
import static io.cdcsystem.schema.evolution.Tables.completed;
import static io.cdcsystem.schema.evolution.Tables.row;
import static io.cdcsystem.schema.evolution.Tables.truncated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.codec.RecordFormat;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.Admission.DeadLetter;
import io.cdcsystem.schema.event.Admission.Publish;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.KeyHash;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("E2")
@SuppressWarnings("try") // The harness's close() may be interrupted; a test then fails, as it should.
class SchemaOperatorTest {
    private static final int KEY_GROUPS = 128;
    private static final EnvelopeConfig ENVELOPE = EnvelopeConfig.of("srv", "postgresql");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** {@code ORDERS} with one more column. */
    private static final TableSchema WIDER = with(new Column("extra", ColumnType.of(Kind.INT64), true, null, "int8"));

    private static TableSchema with(Column... more) {
        List<Column> columns = new ArrayList<>(ORDERS.columns());
        columns.addAll(List.of(more));
        return new TableSchema(ORDERS.id(), columns, ORDERS.primaryKey());
    }

    @Test
    @Tag("E5")
    void a_versions_events_are_framed_by_the_ids_it_was_admitted_with() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of(Op.TRUNCATE))) {
            harness.open();
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 1, 2)), 0);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 5);

            assertThat(changes(harness)).singleElement().satisfies(event -> {
                assertThat(event.keySchemaId()).isEqualTo(1);
                assertThat(event.valueSchemaId()).isEqualTo(2);
                assertThat(framedId(event.key())).isEqualTo(1);
                assertThat(framedId(event.value())).isEqualTo(2);
            });
            assertThat(harness.extractOutputStreamRecords())
                    .allSatisfy(record -> assertThat(record.getTimestamp()).isEqualTo(5));
        }
    }

    @Test
    @Tag("E10")
    void a_new_version_has_its_own_ids_and_the_old_one_keeps_its() throws Exception {
        TableSchema equalCopy = new TableSchema(ORDERS.id(), List.copyOf(ORDERS.columns()), ORDERS.primaryKey());
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of())) {
            harness.open();
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 1, 2)), 0);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 0);
            harness.processElement(admitted(WIDER, new Publish(WIDER, 1, 3)), 0);
            harness.processElement(change(WIDER, Op.CREATE, null, row(2, "a", "b", null)), 0);
            // Another reader of the same subtask, still in front of the change.
            harness.processElement(change(equalCopy, Op.CREATE, null, row(3, "a", "b")), 0);

            assertThat(changes(harness)).extracting(ChangeEvent::valueSchemaId).containsExactly(2, 3, 2);
        }
    }

    @Test
    void an_event_of_a_version_that_was_not_admitted_is_a_fault() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_JSON, Set.of())) {
            harness.open();
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 0, 0)), 0);
            assertThatThrownBy(() -> harness.processElement(change(WIDER, Op.CREATE, null, row(1, "a", "b", null)), 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("public.orders")
                    .hasMessageContaining("admitted");
            assertThatThrownBy(() -> harness.processElement(completed(WIDER), 0))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(harness.extractOutputValues()).isEmpty();
        }
    }

    @Test
    void avro_without_ids_is_a_fault() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of())) {
            harness.open();
            assertThatThrownBy(() -> harness.processElement(admitted(ORDERS, new Publish(ORDERS, 0, 2)), 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ids");
            harness.processElement(admitted(KEYLESS, new Publish(KEYLESS, 0, 2)), 0);
            harness.processElement(change(KEYLESS, Op.CREATE, null, row(1, "a", "b")), 0);
            assertThat(harness.extractOutputValues().get(0).key()).isNull();
        }
    }

    @Test
    void json_has_no_ids_and_timestamps_pass_through() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_JSON, Set.of(Op.TRUNCATE))) {
            harness.open();
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 0, 0)), 0);
            harness.processElement(truncated(ORDERS), 1);
            harness.processElement(change(ORDERS, Op.UPDATE, row(1, "a", "b"), row(2, "a", "b")), 77);

            assertThat(harness.extractOutputStreamRecords())
                    .hasSize(2)
                    .allSatisfy(record -> assertThat(record.getTimestamp()).isEqualTo(77));
            assertThat(changes(harness)).extracting(ChangeEvent::op).containsExactly(Op.DELETE, Op.CREATE);
            assertThat(new String(changes(harness).get(1).value(), StandardCharsets.UTF_8))
                    .contains("\"ts_us\":99");
        }
    }

    @Test
    @Tag("E9")
    void rows_of_a_version_are_published_in_the_words_of_an_earlier_one() throws Exception {
        TableSchema now = new TableSchema(
                ORDERS.id(),
                List.of(
                        new Column("extra", ColumnType.of(Kind.INT64), true, null, "int8"),
                        ORDERS.columns().get(1),
                        ORDERS.columns().get(0)),
                ORDERS.primaryKey());
        try (var harness = harness(RecordFormat.DEBEZIUM_JSON, Set.of())) {
            harness.open();
            harness.processElement(admitted(now, new Publish(ORDERS, 7, 8)), 0);
            harness.processElement(change(now, Op.CREATE, null, row(null, "a", 1)), 0);
            harness.processElement(change(now, Op.UPDATE, row(ABSENT, ABSENT, 1), row(null, "b", 2)), 0);
            harness.processElement(change(now, Op.DELETE, row(ABSENT, ABSENT, 2), null), 0);

            List<ChangeEvent> events = changes(harness);
            assertThat(events).extracting(ChangeEvent::op).containsExactly(Op.CREATE, Op.DELETE, Op.CREATE, Op.DELETE);
            assertThat(events).allSatisfy(event -> {
                assertThat(event.topic()).isEqualTo("srv.public.orders");
                assertThat(event.valueSchemaId()).isEqualTo(8);
            });
            assertThat(json(events.get(0).value()).path("after"))
                    .hasToString("{\"id\":1,\"name\":\"a\",\"note\":null}");
            assertThat(json(events.get(0).key())).hasToString("{\"id\":1}");
            assertThat(json(events.get(1).key())).hasToString("{\"id\":1}");
            assertThat(new String(Objects.requireNonNull(events.get(1).relatedKey()), StandardCharsets.UTF_8))
                    .contains("2");
            assertThat(json(events.get(2).value()).path("after").path("name").textValue())
                    .isEqualTo("b");
        }
    }

    @Test
    @Tag("E9")
    void dead_letters_say_why_and_where_they_belong_and_keep_their_key() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_AVRO, Set.of())) {
            harness.open();
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 1, 2)), 0);
            harness.processElement(admitted(WIDER, new DeadLetter("nobody \"knows\"")), 0);
            harness.processElement(change(WIDER, Op.CREATE, null, row(1, "a", "b", null)), 0);
            harness.processElement(completed(WIDER), 0);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(2, "a", "b")), 0);

            List<ChangeEvent> events = changes(harness);
            assertThat(events).extracting(ChangeEvent::topic).containsExactly("srv.dead-letter", "srv.public.orders");
            ChangeEvent letter = events.get(0);
            assertThat(letter.valueSchemaId()).isZero();
            assertThat(json(letter.key())).hasToString("{\"topic\":\"srv.public.orders\",\"key\":{\"id\":1}}");
            JsonNode value = json(letter.value());
            assertThat(value.path("topic").textValue()).isEqualTo("srv.public.orders");
            assertThat(value.path("reason").textValue()).isEqualTo("nobody \"knows\"");
            assertThat(value.path("event").path("op").textValue()).isEqualTo("c");
            assertThat(value.path("event").path("after").path("name").textValue())
                    .isEqualTo("a");
        }
    }

    @Test
    void another_admission_of_the_same_version_takes_its_place() throws Exception {
        try (var harness = harness(RecordFormat.DEBEZIUM_JSON, Set.of())) {
            harness.open();
            harness.processElement(admitted(ORDERS, new DeadLetter("rejected")), 0);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(1, "a", "b")), 0);
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 0, 0)), 0);
            harness.processElement(change(ORDERS, Op.CREATE, null, row(2, "a", "b")), 0);

            assertThat(changes(harness))
                    .extracting(ChangeEvent::topic)
                    .containsExactly("srv.dead-letter", "srv.public.orders");
        }
    }

    @Test
    void snapshot_rows_cannot_be_skipped() {
        assertThatThrownBy(() -> new SchemaOperatorConfig(ENVELOPE, RecordFormat.DEBEZIUM_JSON, Set.of(Op.READ)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static VersionAdmitted admitted(TableSchema table, Admission admission) {
        return new VersionAdmitted(table, admission, Tables.POSITION, Tables.TRANSACTION, 0);
    }

    private static JsonNode json(byte @Nullable [] bytes) throws IOException {
        return JSON.readTree(Objects.requireNonNull(bytes));
    }

    private OneInputStreamOperatorTestHarness<SourceEvent, KeyedEvent> harness(RecordFormat format, Set<Op> skipped)
            throws Exception {
        return new OneInputStreamOperatorTestHarness<>(
                new SchemaOperator(new SchemaOperatorConfig(ENVELOPE, format, skipped), () -> 99), KEY_GROUPS, 1, 0);
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
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 1, 2)), 0);
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
            harness.processElement(admitted(KEYLESS, new Publish(KEYLESS, 0, 0)), 0);
            harness.processElement(admitted(ORDERS, new Publish(ORDERS, 0, 0)), 0);
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
