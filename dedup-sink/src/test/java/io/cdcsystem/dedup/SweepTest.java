package io.cdcsystem.dedup;

import static io.cdcsystem.dedup.Events.TOPIC;
import static io.cdcsystem.dedup.Events.generation;
import static io.cdcsystem.dedup.Events.log;
import static io.cdcsystem.dedup.Events.row;
import static io.cdcsystem.dedup.Events.sweep;
import static io.cdcsystem.schema.event.Op.CREATE;
import static io.cdcsystem.schema.event.Op.DELETE;
import static io.cdcsystem.schema.event.Op.TRUNCATE;
import static io.cdcsystem.schema.event.Op.UPDATE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.sink.SinkRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("S8")
@Tag("L6")
class SweepTest {
    private static final int KEY_GROUPS = 16;
    private static final Generation FIRST = generation(1, 1, "101:101:");
    /** The second run, behind transaction 300. */
    private static final Generation RERUN = generation(2, 3, "301:301:");

    /** Where keyed state lives. */
    enum Backend {
        HEAP,
        ROCKSDB;

        StateBackend make() {
            return this == HEAP ? new HashMapStateBackend() : new EmbeddedRocksDBStateBackend();
        }
    }

    private static final class Subtask implements AutoCloseable {
        private final KeyedOneInputStreamOperatorTestHarness<RecordKey, KeyedEvent, SinkRecord> harness;
        private final int parallelism;
        private final int index;

        Subtask(Backend backend, DedupConfig config, int parallelism, int index, @Nullable OperatorSubtaskState state)
                throws Exception {
            this.parallelism = parallelism;
            this.index = index;
            harness = new KeyedOneInputStreamOperatorTestHarness<>(
                    new DedupOperator(config), RecordKey::of, new RecordKeyTypeInfo(), KEY_GROUPS, parallelism, index);
            harness.setStateBackend(backend.make());
            harness.setStateTtlProcessingTime(0);
            if (state != null) {
                harness.initializeState(state);
            }
            harness.open();
        }

        /** Feeds what of {@code events} belongs here; per record its key and value, "-" for a tombstone. */
        List<String> feed(List<? extends KeyedEvent> events) throws Exception {
            harness.getOutput().clear();
            for (KeyedEvent event : events) {
                int owner = KeyGroupRangeAssignment.assignKeyToParallelOperator(
                        RecordKey.of(event), KEY_GROUPS, parallelism);
                if (owner == index) {
                    harness.processElement(event, 0);
                }
            }
            List<String> records = new ArrayList<>();
            for (SinkRecord record : harness.extractOutputValues()) {
                byte[] bytes = record.event().key();
                String key = bytes == null ? "no key" : text(bytes);
                records.add(key + ": "
                        + (record.tombstone() ? "-" : text(record.event().value())));
            }
            return records;
        }

        Map<String, Position> positions() {
            Map<String, Position> positions = new TreeMap<>();
            for (SinkRecord record : harness.extractOutputValues()) {
                positions.put(
                        text(requireNonNull(record.event().key())),
                        record.event().position());
            }
            return positions;
        }

        @Override
        public void close() {
            try {
                harness.close();
            } catch (Exception e) {
                throw new IllegalStateException("the harness does not close", e);
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Subtask single(Backend backend) throws Exception {
        return new Subtask(backend, DedupConfig.defaults(), 1, 0, null);
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void keys_that_the_run_did_not_read_are_deleted_and_stay_so(Backend backend) throws Exception {
        try (Subtask task = single(backend)) {
            task.feed(List.of(
                    row("key a", FIRST),
                    row("key b", FIRST),
                    row("key c", FIRST),
                    row("key d", FIRST),
                    row("other.topic", "key a", FIRST),
                    log(null, TRUNCATE, 50, 0, 50),
                    log("key c", UPDATE, 400, 0, 400),
                    log("key e", CREATE, 120, 4, 120),
                    log("key d", DELETE, 121, 0, 121),
                    row("key a", RERUN)));

            assertThat(task.feed(sweep(RERUN, KEY_GROUPS)))
                    .containsExactlyInAnyOrder("key b: gone b", "key b: -", "key e: gone e", "key e: -");
            assertThat(task.positions())
                    .containsOnly(
                            Map.entry("key b", new Position(0, 99, 0).behind(3)),
                            Map.entry("key e", new Position(0, 120, 0).behind(3)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).as("again").isEmpty();
            assertThat(task.feed(List.of(log("key b", DELETE, 290, 0, 290))))
                    .as("the run's oldest generation contains it")
                    .isEmpty();
            assertThat(task.feed(List.of(log("key b", CREATE, 310, 0, 305)))).containsExactly("key b: c@310");
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void a_later_run_is_swept_anew_and_an_earlier_one_no_more(Backend backend) throws Exception {
        try (Subtask task = single(backend)) {
            task.feed(List.of(row("key a", FIRST), row("key b", FIRST)));
            Generation third = generation(3, 4, "401:401:");
            task.feed(List.of(row("key a", RERUN), row("key b", RERUN)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).isEmpty();
            task.feed(List.of(row("key a", third)));
            assertThat(task.feed(sweep(third, KEY_GROUPS))).containsExactly("key b: gone b", "key b: -");
            task.feed(List.of(row("key b", generation(4, 5, "501:501:"))));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).isEmpty();
        }
    }

    @Test
    void the_first_copy_does_it_for_all_keys_of_the_subtask() throws Exception {
        try (Subtask task = single(Backend.HEAP)) {
            List<KeyedEvent> rows = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                rows.add(row("row " + i, FIRST));
            }
            task.feed(rows);
            List<TableSweep> copies = sweep(RERUN, KEY_GROUPS);
            assertThat(task.feed(copies.subList(0, 1))).hasSize(1_000);
            assertThat(task.feed(copies.subList(1, KEY_GROUPS))).isEmpty();
        }
    }

    @Test
    void expired_keys_are_not_deleted() throws Exception {
        Duration retention = Duration.ofHours(1);
        try (Subtask task = new Subtask(Backend.HEAP, new DedupConfig(true, retention, true), 1, 0, null)) {
            task.feed(List.of(row("key a", FIRST)));
            task.harness.setStateTtlProcessingTime(retention.toMillis() + 1);
            task.feed(List.of(row("key b", FIRST)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).containsExactly("key b: gone b", "key b: -");
        }
    }

    @Test
    void a_key_of_another_layout_gets_its_tombstone_alone() throws Exception {
        try (Subtask task = single(Backend.HEAP)) {
            task.feed(List.of(row("another key", FIRST)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).containsExactly("another key: -");
        }
        DedupConfig silent = new DedupConfig(true, Duration.ofDays(1), false);
        try (Subtask task = new Subtask(Backend.HEAP, silent, 1, 0, null)) {
            task.feed(List.of(row("another key", FIRST), row("key a", FIRST)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).containsExactly("key a: gone a");
        }
    }

    @Test
    void without_state_nothing_is_swept() throws Exception {
        try (Subtask task = new Subtask(Backend.HEAP, new DedupConfig(false, Duration.ofDays(1), true), 1, 0, null)) {
            task.feed(List.of(row("key a", FIRST)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).isEmpty();
        }
    }

    @Test
    void copies_for_another_number_of_key_groups_are_refused() throws Exception {
        try (Subtask task = single(Backend.HEAP)) {
            assertThatThrownBy(() -> task.feed(sweep(RERUN, 2 * KEY_GROUPS)))
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("maximum parallelism of 32")
                    .hasMessageContaining(TOPIC);
        }
    }

    @ParameterizedTest
    @CsvSource({"HEAP,1,3", "HEAP,3,2", "ROCKSDB,1,3", "ROCKSDB,3,1"})
    @Tag("O5")
    void every_subtask_sweeps_its_keys_after_a_rescale(Backend backend, int from, int to) throws Exception {
        List<KeyedEvent> rows = new ArrayList<>();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            rows.add(row("key " + letter, FIRST));
        }
        List<OperatorSubtaskState> snapshots = new ArrayList<>();
        for (int index = 0; index < from; index++) {
            try (Subtask task = new Subtask(backend, DedupConfig.defaults(), from, index, null)) {
                task.feed(rows);
                task.feed(List.of(row("key k", RERUN)));
                snapshots.add(task.harness.snapshot(1, 1));
            }
        }
        OperatorSubtaskState state =
                AbstractStreamOperatorTestHarness.repackageState(snapshots.toArray(OperatorSubtaskState[]::new));
        List<String> records = new ArrayList<>();
        for (int index = 0; index < to; index++) {
            OperatorSubtaskState own =
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(state, KEY_GROUPS, from, to, index);
            try (Subtask task = new Subtask(backend, DedupConfig.defaults(), to, index, own)) {
                List<String> swept = task.feed(sweep(RERUN, KEY_GROUPS));
                assertThat(swept).as("subtask " + index).isNotEmpty();
                records.addAll(swept);
            }
        }
        List<String> expected = new ArrayList<>();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            if (letter != 'k') {
                expected.add("key " + letter + ": gone " + letter);
                expected.add("key " + letter + ": -");
            }
        }
        assertThat(records).containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    @Tag("O5")
    void what_was_swept_is_remembered_over_a_restore(Backend backend) throws Exception {
        OperatorSubtaskState state;
        try (Subtask task = single(backend)) {
            task.feed(List.of(row("key a", FIRST), row("key b", FIRST)));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS).subList(0, 1))).hasSize(4);
            state = task.harness.snapshot(1, 1);
        }
        try (Subtask task = new Subtask(backend, DedupConfig.defaults(), 1, 0, state)) {
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).isEmpty();
            assertThat(task.feed(List.of(log("key a", UPDATE, 299, 0, 299)))).isEmpty();
            assertThat(task.feed(List.of(log("key a", CREATE, 320, 0, 320)))).containsExactly("key a: c@320");
        }
    }

    /** Written by the build before sweeps, whose operator was a KeyedProcessFunction with a timer service. */
    @ParameterizedTest
    @CsvSource({
        "HEAP,dedup-keyed-process-checkpoint.bin",
        "HEAP,dedup-keyed-process-savepoint.bin",
        "ROCKSDB,dedup-keyed-process-savepoint.bin"
    })
    @Tag("O5")
    void state_of_the_build_before_sweeps_is_restored_deduplicates_and_is_swept(Backend backend, String file)
            throws Exception {
        Path golden = Path.of(
                requireNonNull(SweepTest.class.getResource("/golden/" + file)).toURI());
        OperatorSubtaskState state = OperatorSnapshotUtil.readStateHandle(golden.toString());
        for (int restore = 0; restore < 2; restore++) {
            try (Subtask task = new Subtask(backend, DedupConfig.defaults(), 1, 0, state)) {
                assertThat(task.feed(List.of(
                                row("key 0", FIRST),
                                log("key 1", UPDATE, 110, 0, 110),
                                log("key 4", UPDATE, 100, 0, 100),
                                log("key 2", DELETE, 111, 0, 111))))
                        .as("restore " + restore)
                        .isEmpty();
                state = task.harness.snapshot(restore + 1, restore + 1);
            }
        }
        try (Subtask task = new Subtask(backend, DedupConfig.defaults(), 1, 0, state)) {
            assertThat(task.feed(List.of(row("key 0", RERUN)))).containsExactly("key 0: r@3");
            List<String> expected = new ArrayList<>();
            for (int i : new int[] {1, 4, 5, 6, 7, 8, 9}) {
                expected.addAll(List.of("key " + i + ": gone " + i, "key " + i + ": -"));
            }
            expected.addAll(List.of("key 10: -", "key 11: -", "new: -"));
            assertThat(task.feed(sweep(RERUN, KEY_GROUPS))).containsExactlyInAnyOrderElementsOf(expected);
        }
    }
}
