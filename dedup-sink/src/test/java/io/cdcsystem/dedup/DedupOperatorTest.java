package io.cdcsystem.dedup;

import static io.cdcsystem.dedup.Events.generation;
import static io.cdcsystem.dedup.Events.log;
import static io.cdcsystem.dedup.Events.row;
import static io.cdcsystem.schema.event.Op.CREATE;
import static io.cdcsystem.schema.event.Op.DELETE;
import static io.cdcsystem.schema.event.Op.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.sink.SinkRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L6")
class DedupOperatorTest {
    private static final int MAX_PARALLELISM = 16;
    private static final Generation FIRST = generation(1, 1, "101:101:");
    private static final Generation SECOND = generation(1, 2, "201:201:");

    private static final class Subtask implements AutoCloseable {
        private final KeyedOneInputStreamOperatorTestHarness<RecordKey, KeyedEvent, SinkRecord> harness;
        private final int index;
        private final int parallelism;

        Subtask(DedupConfig config, int parallelism, int index, @Nullable OperatorSubtaskState state) throws Exception {
            this.index = index;
            this.parallelism = parallelism;
            harness = new KeyedOneInputStreamOperatorTestHarness<>(
                    new DedupOperator(config),
                    RecordKey::of,
                    new RecordKeyTypeInfo(),
                    MAX_PARALLELISM,
                    parallelism,
                    index);
            harness.setStateTtlProcessingTime(0);
            if (state != null) {
                harness.initializeState(state);
            }
            harness.open();
        }

        /** What comes out for {@code event}, as values' text; "-" is a tombstone. */
        List<String> feed(KeyedEvent event) throws Exception {
            harness.getOutput().clear();
            harness.processElement(event, 0);
            List<String> out = new ArrayList<>();
            for (SinkRecord record : harness.extractOutputValues()) {
                out.add(record.tombstone() ? "-" : new String(record.event().value(), StandardCharsets.UTF_8));
            }
            return out;
        }

        boolean owns(KeyedEvent event) {
            return KeyGroupRangeAssignment.assignKeyToParallelOperator(
                            RecordKey.of(event), MAX_PARALLELISM, parallelism)
                    == index;
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

    private static Subtask single(DedupConfig config) throws Exception {
        return new Subtask(config, 1, 0, null);
    }

    @Test
    void delete_is_followed_by_its_tombstone() throws Exception {
        try (Subtask task = single(DedupConfig.defaults())) {
            assertThat(task.feed(log("k", DELETE, 110, 0, 101))).containsExactly("d@110", "-");
            assertThat(task.feed(log("k", DELETE, 110, 0, 101))).isEmpty();
        }
    }

    @Test
    void no_tombstone_where_none_is_wanted_or_no_key_is_there() throws Exception {
        try (Subtask task = single(new DedupConfig(true, Duration.ofDays(1), false))) {
            assertThat(task.feed(log("k", DELETE, 110, 0, 101))).containsExactly("d@110");
        }
        try (Subtask task = single(DedupConfig.defaults())) {
            assertThat(task.feed(log(null, DELETE, 110, 0, 101))).containsExactly("d@110");
        }
    }

    @Test
    void everything_goes_on_when_disabled() throws Exception {
        try (Subtask task = single(new DedupConfig(false, Duration.ofDays(1), true))) {
            assertThat(task.feed(row("k", FIRST))).containsExactly("r@1");
            assertThat(task.feed(row("k", FIRST))).containsExactly("r@1");
            assertThat(task.feed(log("k", DELETE, 50, 0, 50))).containsExactly("d@50", "-");
            assertThat(task.harness.numKeyedStateEntries()).isZero();
        }
    }

    @Test
    void state_is_forgotten_after_the_retention() throws Exception {
        Duration retention = Duration.ofHours(1);
        try (Subtask task = single(new DedupConfig(true, retention, true))) {
            ChangeEvent change = log("k", UPDATE, 110, 0, 101);
            assertThat(task.feed(change)).hasSize(1);
            task.harness.setStateTtlProcessingTime(retention.toMillis() - 1);
            assertThat(task.feed(change)).as("just within").isEmpty();
            task.harness.setStateTtlProcessingTime(retention.toMillis() + 1);
            assertThat(task.feed(change)).as("beyond").hasSize(1);
        }
    }

    @Test
    void publishing_starts_the_retention_anew() throws Exception {
        Duration retention = Duration.ofHours(1);
        try (Subtask task = single(new DedupConfig(true, retention, true))) {
            task.feed(log("k", CREATE, 110, 0, 101));
            task.harness.setStateTtlProcessingTime(retention.toMillis() - 1);
            task.feed(log("k", UPDATE, 120, 0, 102));
            task.harness.setStateTtlProcessingTime(2 * retention.toMillis() - 2);
            assertThat(task.feed(log("k", UPDATE, 120, 0, 102))).isEmpty();
        }
    }

    @Test
    void retention_can_change_between_two_runs() throws Exception {
        OperatorSubtaskState state;
        try (Subtask task = single(DedupConfig.defaults())) {
            task.feed(log("k", CREATE, 110, 0, 101));
            state = task.harness.snapshot(1, 1);
        }
        try (Subtask task = new Subtask(new DedupConfig(true, Duration.ofHours(3), true), 1, 0, state)) {
            assertThat(task.feed(log("k", CREATE, 110, 0, 101))).isEmpty();
        }
    }

    @Test
    @Tag("O5")
    void keys_and_generations_survive_a_rescale_both_ways() throws Exception {
        List<ChangeEvent> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(row("key " + i, i % 2 == 0 ? FIRST : SECOND));
        }
        @Nullable OperatorSubtaskState state = null;
        int from = 1;
        for (int to : new int[] {1, 3, 2, 5, 1}) {
            boolean start = state == null;
            List<OperatorSubtaskState> snapshots = new ArrayList<>();
            int dropped = 0;
            for (int index = 0; index < to; index++) {
                @Nullable
                OperatorSubtaskState own = start
                        ? null
                        : AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                state, MAX_PARALLELISM, from, to, index);
                try (Subtask task = new Subtask(DedupConfig.defaults(), to, index, own)) {
                    dropped += feedAll(task, rows, start);
                    snapshots.add(task.harness.snapshot(1, 1));
                }
            }
            assertThat(dropped).as("from " + from + " to " + to).isEqualTo(start ? 0 : 2 * rows.size());
            state = AbstractStreamOperatorTestHarness.repackageState(snapshots.toArray(OperatorSubtaskState[]::new));
            from = to;
        }
    }

    /** Feeds each own key's row and a log event that the row contains; counts what is dropped. */
    private static int feedAll(Subtask task, List<ChangeEvent> rows, boolean start) throws Exception {
        int dropped = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (!task.owns(rows.get(i))) {
                continue;
            }
            dropped += task.feed(rows.get(i)).isEmpty() ? 1 : 0;
            if (!start) {
                long seen = i % 2 == 0 ? 100 : 200;
                dropped += task.feed(log("key " + i, UPDATE, seen, 0, seen)).isEmpty() ? 1 : 0;
            }
        }
        return dropped;
    }

    @Test
    void stored_generations_do_not_multiply_with_the_subtasks() throws Exception {
        @Nullable OperatorSubtaskState state = null;
        for (int attempt = 0; attempt < 4; attempt++) {
            List<OperatorSubtaskState> snapshots = new ArrayList<>();
            for (int index = 0; index < 3; index++) {
                @Nullable
                OperatorSubtaskState own = state == null
                        ? null
                        : AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                state, MAX_PARALLELISM, 3, 3, index);
                try (Subtask task = new Subtask(DedupConfig.defaults(), 3, index, own)) {
                    for (int i = 0; i < 20; i++) {
                        ChangeEvent event = row("key " + i, FIRST);
                        if (task.owns(event)) {
                            task.feed(event);
                        }
                    }
                    snapshots.add(task.harness.snapshot(1, 1));
                }
            }
            int stored = 0;
            for (OperatorSubtaskState snapshot : snapshots) {
                for (var handle : snapshot.getManagedOperatorState()) {
                    stored += Objects.requireNonNull(
                                    handle.getStateNameToPartitionOffsets().get("generations"))
                            .getOffsets()
                            .length;
                }
            }
            assertThat(stored).as("attempt " + attempt).isEqualTo(attempt == 0 ? 3 : 1);
            state = AbstractStreamOperatorTestHarness.repackageState(snapshots.toArray(OperatorSubtaskState[]::new));
        }
    }
}
