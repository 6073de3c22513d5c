package io.cdcsystem.schema.event.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.schema.template.AvroKeyLayout;
import io.cdcsystem.schema.template.DeleteTemplate;
import io.cdcsystem.schema.template.JsonKeyLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EventSerializerTest {
    private static final Position POSITION = new Position(1, 0x16B3750L, 3);
    private static final ChangeEvent MOVED =
            event("shop.public.örtlich", "key", Op.DELETE, null, KeyLink.NEW_KEY, "{\"id\":2}");
    private static final ChangeEvent READ =
            event("shop.public.customers", "key", Op.READ, Samples.GENERATION, KeyLink.NONE, null);
    private static final ChangeEvent KEYLESS = event("shop.public.log", null, Op.CREATE, null, KeyLink.NONE, null);
    private static final TransactionInfo TRANSACTION = new TransactionInfo(741, 0x16B3750L, 0x16B3700L, 1_700L);
    private static final RowChange ROW_READ = new RowChange(
            Samples.CUSTOMERS,
            Op.READ,
            null,
            new Row(new byte[] {9, 1, 2, 3, 9}, 1, 3),
            POSITION,
            TRANSACTION,
            0x16B3748L,
            Samples.GENERATION);
    private static final RowChange UPDATED = new RowChange(
            Samples.CUSTOMERS,
            Op.UPDATE,
            new Row(new byte[] {4, 5}, 0, 2),
            new Row(new byte[] {6, 7}, 0, 2),
            POSITION,
            TRANSACTION,
            0x16B3748L,
            null);
    private static final TableTruncated TRUNCATED =
            new TableTruncated(Samples.CUSTOMERS, POSITION, TRANSACTION, 0x16B3748L);

    private static final ChangeEvent GONE =
            event("shop.public.customers", "key", Op.DELETE, Samples.GENERATION, KeyLink.NONE, null);
    private static final SnapshotCompleted COMPLETED =
            new SnapshotCompleted(Samples.CUSTOMERS, POSITION, TRANSACTION, 0x16B3748L, Samples.GENERATION.inRun(2));
    private static final TableSweep SWEEP = new TableSweep(
            "shop.public.customers",
            new byte[] {9, 8, 7, 6},
            128,
            Samples.GENERATION.inRun(2),
            new DeleteTemplate(
                    new JsonKeyLayout(utf8("{"), new byte[][] {utf8("\"a\":"), utf8(",\"b\":")}, utf8("}")),
                    utf8("[]"),
                    new int[] {1, 1},
                    new int[] {1, 0}),
            11,
            12,
            1_700L);
    private static final TableSweep AVRO_SWEEP = new TableSweep(
            "shop.public.customers",
            new byte[] {9, 8, 7, 5},
            128,
            Samples.GENERATION.inRun(2),
            new DeleteTemplate(
                    new AvroKeyLayout(new byte[] {0, 0, 0, 0, 11}, new byte[][] {{AvroKeyLayout.NUMBER}}),
                    new byte[] {0, 0, 0, 0, 12, 2},
                    new int[] {6},
                    new int[] {0}),
            11,
            12,
            1_700L);

    private final KeyedEventSerializer keyed = new KeyedEventSerializer();
    private final ChangeEventSerializer changes = new ChangeEventSerializer();
    private final SourceEventSerializer sources = new SourceEventSerializer();

    @Test
    void change_events_of_every_shape_come_back() throws IOException {
        for (ChangeEvent event : List.of(MOVED, READ, KEYLESS, GONE)) {
            assertSame(read(changes, written(changes, List.of(event)), 1).get(0), event);
        }
    }

    @Test
    void change_events_are_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("change-events-v1");

        assertThat(written(changes, List.of(MOVED, READ, KEYLESS))).isEqualTo(golden);
        List<ChangeEvent> events = read(changes, golden, 3);
        assertSame(events.get(0), MOVED);
        assertSame(events.get(1), READ);
        assertSame(events.get(2), KEYLESS);
    }

    @Test
    @Tag("S8")
    void keyed_events_are_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("keyed-events-v1");

        assertThat(written(keyed, List.of(MOVED, GONE, SWEEP, AVRO_SWEEP))).isEqualTo(golden);
        List<KeyedEvent> events = read(keyed, golden, 4);
        assertSame((ChangeEvent) events.get(0), MOVED);
        assertSame((ChangeEvent) events.get(1), GONE);
        assertSame((TableSweep) events.get(2), SWEEP, utf8("{\"a\":1,\"b\":[2,3]}"), utf8("[[2,3]1]"));
        assertSame((TableSweep) events.get(3), AVRO_SWEEP, new byte[] {0, 0, 0, 0, 11, 42}, new byte[] {
            0, 0, 0, 0, 12, 2, 42
        });
    }

    @Test
    @Tag("O5")
    void in_flight_changes_of_the_first_build_are_keyed_events() throws IOException {
        List<KeyedEvent> events = read(keyed, Samples.golden("change-events-v1"), 3);

        assertSame((ChangeEvent) events.get(0), MOVED);
        assertSame((ChangeEvent) events.get(1), READ);
        assertSame((ChangeEvent) events.get(2), KEYLESS);
    }

    @Test
    @Tag("S8")
    void the_end_of_a_snapshot_run_is_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("source-events-v2");

        assertThat(written(sources, List.of(COMPLETED, TRUNCATED))).isEqualTo(golden);
        assertThat(read(sources, golden, 2)).containsExactly(COMPLETED, TRUNCATED);
    }

    @Test
    @Tag("E9")
    void admissions_are_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("source-events-v3");
        TableSchema earlier = new TableSchema(
                Samples.CUSTOMERS.id(), Samples.CUSTOMERS.columns().subList(0, 3), List.of("id"));
        List<SourceEvent> events = List.of(
                VersionAdmitted.before(UPDATED, new Admission.Publish(Samples.CUSTOMERS, 7, 8)),
                VersionAdmitted.before(UPDATED, new Admission.Publish(earlier, 0, 9)),
                VersionAdmitted.before(UPDATED, new Admission.DeadLetter("rejected by ada")),
                TRUNCATED);

        assertThat(written(sources, events)).isEqualTo(golden);
        assertThat(read(sources, golden, 4)).isEqualTo(events);
    }

    @Test
    void topics_and_generations_come_back_as_one_instance() throws IOException {
        List<ChangeEvent> events = read(changes, written(changes, List.of(READ, MOVED, READ)), 3);

        assertThat(events.get(2).topic()).isSameAs(events.get(0).topic());
        assertThat(events.get(2).generation()).isSameAs(events.get(0).generation());
    }

    @Test
    void a_serializer_goes_on_after_thousands_of_distinct_topics() throws IOException {
        ChangeEventSerializer reader = new ChangeEventSerializer();
        for (int i = 0; i < 10_000; i++) {
            ChangeEvent event = event("topic-" + i, "key", Op.UPDATE, null, KeyLink.NONE, null);
            assertSame(read(reader, written(changes, List.of(event)), 1).get(0), event);
        }
    }

    @Test
    void source_events_of_every_shape_come_back_equal() throws IOException {
        RowChange deleted = new RowChange(
                Samples.CUSTOMERS, Op.DELETE, new Row(new byte[0], 0, 0), null, POSITION, TRANSACTION, 1, null);
        List<SourceEvent> events = List.of(ROW_READ, UPDATED, deleted, TRUNCATED);

        List<SourceEvent> back = read(sources, written(sources, events), 4);
        assertThat(back).isEqualTo(events);
        assertThat(back.get(3).table()).isSameAs(back.get(0).table());
    }

    @Test
    void source_events_are_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("source-events-v1");

        assertThat(written(sources, List.of(ROW_READ, UPDATED, TRUNCATED))).isEqualTo(golden);
        assertThat(read(sources, golden, 3)).containsExactly(ROW_READ, UPDATED, TRUNCATED);
    }

    @Test
    void versions_of_a_table_in_turn_come_back_each_as_its_own() throws IOException {
        TableSchema other = new TableSchema(
                new TableId("inventory", "public", "customers"),
                Samples.CUSTOMERS.columns().subList(0, 3),
                List.of("id"));
        List<SourceEvent> events = List.of(TRUNCATED, new TableTruncated(other, POSITION, TRANSACTION, 1), TRUNCATED);

        assertThat(read(sources, written(sources, events), 3)).isEqualTo(events);
    }

    @Test
    void copying_bytes_keeps_them() throws IOException {
        byte[] bytes = written(changes, List.of(READ));
        DataOutputSerializer target = new DataOutputSerializer(16);
        changes.copy(new DataInputDeserializer(bytes), target);

        assertThat(target.getCopyOfBuffer()).isEqualTo(bytes);
        assertThat(changes.copy(READ)).isSameAs(READ);
        assertThat(changes.isImmutableType()).isTrue();
    }

    @Test
    void unknown_flags_are_refused() throws IOException {
        byte[] change = written(changes, List.of(MOVED));
        change[0] = (byte) 0x80;
        byte[] source = written(sources, List.of(UPDATED));
        source[0] = 7;
        byte[] sweep = written(keyed, List.of(SWEEP));
        sweep[0] = 0x15;

        assertThatThrownBy(() -> read(changes, change, 1))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("STATE_UNREADABLE");
        assertThatThrownBy(() -> read(keyed, sweep, 1)).hasMessageContaining("unknown flags 21");
        assertThatThrownBy(() -> read(sources, source, 1))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("unknown operation 7");
    }

    @Test
    void a_snapshot_is_written_and_restores_a_compatible_serializer() throws IOException {
        for (TypeSerializer<?> serializer : List.<TypeSerializer<?>>of(changes, sources, keyed)) {
            DataOutputSerializer out = new DataOutputSerializer(64);
            TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
            TypeSerializerSnapshot<?> restored = TypeSerializerSnapshot.readVersionedSnapshot(
                    new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());
            assertThat(restored.restoreSerializer()).isEqualTo(serializer);
        }
        assertThat(changes.snapshotConfiguration()
                        .resolveSchemaCompatibility(new ChangeEventSerializer.Snapshot())
                        .isCompatibleAsIs())
                .isTrue();
        assertThatThrownBy(() -> new ChangeEventSerializer.Snapshot()
                        .readSnapshot(
                                3,
                                new DataInputDeserializer(new byte[0]),
                                getClass().getClassLoader()))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("layout 3");
    }

    @Test
    void type_information_is_serializable_and_makes_the_serializer() throws Exception {
        ChangeEventTypeInfo change = InstantiationUtil.clone(new ChangeEventTypeInfo());
        SourceEventTypeInfo source = InstantiationUtil.clone(new SourceEventTypeInfo());

        assertThat(change).isEqualTo(new ChangeEventTypeInfo()).isNotEqualTo(source);
        assertThat(change.createSerializer(new SerializerConfigImpl())).isEqualTo(changes);
        assertThat(source.createSerializer(new SerializerConfigImpl())).isEqualTo(sources);
        assertThat(InstantiationUtil.clone(changes)).isEqualTo(changes);
        assertThat(InstantiationUtil.clone(new KeyedEventTypeInfo()).createSerializer(new SerializerConfigImpl()))
                .isEqualTo(keyed)
                .isNotEqualTo(changes);
        assertThat(InstantiationUtil.clone(keyed)).isEqualTo(keyed);
    }

    private static <T> byte[] written(TypeSerializer<T> serializer, List<? extends T> events) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        for (T event : events) {
            serializer.serialize(event, out);
        }
        return out.getCopyOfBuffer();
    }

    private static <T> List<T> read(TypeSerializer<T> serializer, byte[] bytes, int count) throws IOException {
        DataInputDeserializer in = new DataInputDeserializer(bytes);
        List<T> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(serializer.deserialize(in));
        }
        assertThat(in.available()).isZero();
        return events;
    }

    private static ChangeEvent event(
            String topic,
            @Nullable String key,
            Op op,
            @Nullable Generation generation,
            KeyLink link,
            @Nullable String related) {
        return new ChangeEvent(
                topic,
                optional(key),
                new byte[] {1, 2, 3},
                11,
                12,
                op,
                POSITION,
                741,
                1_700L,
                generation,
                link,
                optional(related));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] optional(@Nullable String text) {
        return text == null ? null : utf8(text);
    }

    private static void assertSame(TableSweep actual, TableSweep expected, byte[] key, byte[] delete) {
        assertThat(actual.topic()).isEqualTo(expected.topic());
        assertThat(actual.key()).isEqualTo(expected.key());
        assertThat(actual.keyGroups()).isEqualTo(expected.keyGroups());
        assertThat(actual.generation()).isEqualTo(expected.generation());
        assertThat(actual.keySchemaId()).isEqualTo(expected.keySchemaId());
        assertThat(actual.valueSchemaId()).isEqualTo(expected.valueSchemaId());
        assertThat(actual.commitMicros()).isEqualTo(expected.commitMicros());
        assertThat(actual.deletes().fill(key))
                .isEqualTo(expected.deletes().fill(key))
                .isEqualTo(delete);
    }

    private static void assertSame(ChangeEvent actual, ChangeEvent expected) {
        assertThat(actual.topic()).isEqualTo(expected.topic());
        assertThat(Arrays.equals(actual.key(), expected.key())).isTrue();
        assertThat(actual.value()).isEqualTo(expected.value());
        assertThat(actual.keySchemaId()).isEqualTo(expected.keySchemaId());
        assertThat(actual.valueSchemaId()).isEqualTo(expected.valueSchemaId());
        assertThat(actual.op()).isEqualTo(expected.op());
        assertThat(actual.position()).isEqualTo(expected.position());
        assertThat(actual.transactionId()).isEqualTo(expected.transactionId());
        assertThat(actual.commitMicros()).isEqualTo(expected.commitMicros());
        assertThat(actual.generation()).isEqualTo(expected.generation());
        assertThat(actual.keyLink()).isEqualTo(expected.keyLink());
        assertThat(Arrays.equals(actual.relatedKey(), expected.relatedKey())).isTrue();
    }
}
