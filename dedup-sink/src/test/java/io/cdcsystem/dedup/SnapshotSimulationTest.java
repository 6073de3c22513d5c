package io.cdcsystem.dedup;

import static io.cdcsystem.dedup.Events.bytes;
import static io.cdcsystem.dedup.Events.log;
import static io.cdcsystem.dedup.Events.row;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.consumer.RepeatFilter;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.wire.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random databases, snapshots beside the log, sweeps and crashes, against the rule alone: what topics say in the end is
 * what the database holds.
 */
@Tag("S8")
@Tag("L6")
class SnapshotSimulationTest {
    private static final int TRANSACTIONS = 60;
    private static final List<String> KEYS = List.of("a", "b", "c", "d");
    private static final int RUNS = 3;
    private static final int SEEDS = 4_000;

    /** One transaction changes one key; its id is its place in commit order, its value its commit. */
    private record Change(String key, Op op, int transaction) {
        ChangeEvent event() {
            return log(key, op, 10L * transaction, 0, transaction);
        }
    }

    private record Published(
            String key,
            Op op,
            Position position,
            @Nullable Generation generation,
            @Nullable Integer value) {

        /** The record, or the tombstone behind it, as a consumer gets it. */
        ConsumerRecord<byte[], byte[]> at(long offset, boolean tombstone) {
            RecordHeaders headers = new RecordHeaders();
            headers.add(HeaderNames.POSITION, bytes(position.toString()));
            if (generation != null) {
                headers.add(HeaderNames.GENERATION, bytes(String.valueOf(generation.number())));
                if (!generation.position().equals(position)) {
                    headers.add(
                            HeaderNames.GENERATION_POSITION,
                            bytes(generation.position().toString()));
                }
            }
            return new ConsumerRecord<>(
                    "t",
                    0,
                    offset,
                    0,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    bytes(key),
                    tombstone ? null : bytes(value == null ? "gone" : value.toString()),
                    headers,
                    Optional.empty());
        }
    }

    /** A generation, and per key the last transaction that it sees of it. */
    private record Taken(Generation generation, Map<String, Integer> seen) {}

    /** What a checkpoint holds. */
    private record Checkpoint(
            Map<String, KeyState> states,
            List<Generation> generations,
            int delivered,
            Map<String, Taken> unread,
            int run) {}

    private static final class Pipeline {
        private final Random random;
        private final List<Change> database = new ArrayList<>();
        private final List<Published> topic = new ArrayList<>();
        private final boolean crashes;
        private Map<String, KeyState> states = new HashMap<>();
        private Generations generations = new Generations();
        private Map<String, Taken> unread = new TreeMap<>();
        private final Map<Integer, List<Taken>> takenByRun = new HashMap<>();
        private int delivered;
        private int furthest;
        private int run;
        private int number;
        private int time;
        private int sweptRun;
        private long lastCommit;
        private Checkpoint checkpoint;

        Pipeline(long seed, boolean crashes) {
            random = new Random(seed);
            this.crashes = crashes;
            Map<String, Boolean> exists = new HashMap<>();
            for (int i = 1; i <= TRANSACTIONS; i++) {
                String key = KEYS.get(random.nextInt(KEYS.size()));
                boolean there = exists.getOrDefault(key, false);
                Op op = there ? (random.nextInt(3) == 0 ? Op.DELETE : Op.UPDATE) : Op.CREATE;
                exists.put(key, op != Op.DELETE);
                database.add(new Change(key, op, i));
            }
            time = random.nextInt(10);
            beginRun();
            // The slot's snapshot meets the log exactly: its rows first, then the log behind it.
            delivered = (int) requireNonNull(takenByRun.get(1))
                            .get(0)
                            .generation()
                            .visibility()
                            .xmin()
                    - 1;
            furthest = time;
            while (!unread.isEmpty()) {
                readOne();
            }
            checkpoint = checkpoint();
        }

        void run() {
            while (delivered < TRANSACTIONS || run < RUNS || !unread.isEmpty() || !swept()) {
                switch (random.nextInt(crashes ? 12 : 10)) {
                    case 0, 1, 2, 3 -> {
                        if (delivered < TRANSACTIONS) {
                            publish(database.get(delivered++).event());
                            furthest = Math.max(furthest, delivered);
                        }
                    }
                    case 4, 5, 6 -> readOne();
                    case 7, 8 -> checkpoint = checkpoint();
                    case 9 -> {
                        if (run < RUNS && unread.isEmpty() && swept()) {
                            beginRun();
                        } else {
                            sweep();
                        }
                    }
                    default -> crash();
                }
            }
        }

        private void beginRun() {
            run++;
            Taken taken = take();
            for (String key : KEYS) {
                unread.put(key, taken);
            }
            sweptRun = run == 1 ? 1 : sweptRun;
        }

        private boolean swept() {
            return sweptRun == run;
        }

        /** A snapshot of some moment from now on; of the last two transactions it may miss some of each key's tail. */
        private Taken take() {
            int earliest = Math.max(time, furthest);
            time = Math.min(TRANSACTIONS, earliest + random.nextInt(6));
            Map<String, Integer> limits = new HashMap<>();
            for (String key : KEYS) {
                limits.put(key, Math.max(earliest, time - random.nextInt(3)));
            }
            List<Long> inProgress = new ArrayList<>();
            Map<String, Integer> seen = new HashMap<>();
            long below = time + 1L;
            for (Change change : database.subList(0, time)) {
                if (change.transaction() <= limits.getOrDefault(change.key(), 0)) {
                    seen.put(change.key(), change.transaction());
                } else {
                    inProgress.add((long) change.transaction());
                    below = Math.min(below, change.transaction());
                }
            }
            number++;
            long commit = Math.max(lastCommit, 10 * below - 1 - random.nextInt(25));
            lastCommit = commit;
            Generation generation = new Generation(
                    run,
                    number,
                    new Position(0, commit, number),
                    new Visibility(
                            below,
                            time + 1L,
                            inProgress.stream().mapToLong(Long::longValue).toArray()));
            Taken taken = new Taken(generation, seen);
            takenByRun.computeIfAbsent(run, r -> new ArrayList<>()).add(taken);
            return taken;
        }

        private void readOne() {
            if (unread.isEmpty()) {
                return;
            }
            String key = unread.keySet().iterator().next();
            if (random.nextInt(4) == 0) {
                // Generations rotate by age.
                Taken younger = take();
                unread.replaceAll((k, old) -> younger);
            }
            Taken taken = unread.remove(key);
            if (taken == null) {
                throw new IllegalStateException("nothing to read of " + key);
            }
            Integer last = taken.seen().get(key);
            if (last != null && database.get(last - 1).op() != Op.DELETE) {
                publish(row(key, taken.generation()), last);
            }
        }

        private void publish(ChangeEvent event) {
            publish(event, (int) event.transactionId());
        }

        private void publish(ChangeEvent event, int value) {
            String key = new String(requireNonNull(event.key()), StandardCharsets.UTF_8);
            KeyState before = states.get(key);
            if (DedupRule.decide(before, event, generations) != Verdict.EMIT) {
                return;
            }
            KeyState after = DedupRule.after(before, event);
            if (after != null) {
                states.put(key, after);
            }
            if (event.generation() != null) {
                generations.learn(event.generation());
            }
            Position position = DedupRule.rowPosition(before, event, generations);
            topic.add(new Published(
                    key, event.op(), position, event.generation(), event.op() == Op.DELETE ? null : value));
        }

        private void sweep() {
            List<Taken> taken = takenByRun.getOrDefault(run, List.of());
            boolean read = unread.isEmpty()
                    && checkpoint.run() == run
                    && checkpoint.unread().isEmpty();
            boolean passed = taken.stream()
                    .allMatch(t -> delivered >= t.generation().visibility().xmax() - 1);
            if (run == 1 || !read || !passed || swept()) {
                return;
            }
            Generation oldest = taken.get(0).generation();
            for (Map.Entry<String, KeyState> entry : states.entrySet()) {
                KeyState before = entry.getValue();
                if (DedupRule.isGone(before, oldest)) {
                    generations.learn(oldest);
                    entry.setValue(before.gone(oldest));
                    Position position = DedupRule.gonePosition(before, oldest, generations);
                    topic.add(new Published(entry.getKey(), Op.DELETE, position, oldest, null));
                }
            }
            sweptRun = run;
        }

        private Checkpoint checkpoint() {
            return new Checkpoint(
                    new HashMap<>(states), generations.toStore(true), delivered, new TreeMap<>(unread), run);
        }

        private void crash() {
            if (checkpoint.run() != run) {
                // The enumerator has to store a new run before its chunks go out: no checkpoint, no run.
                return;
            }
            states = new HashMap<>(checkpoint.states());
            generations = new Generations();
            checkpoint.generations().forEach(generations::restore);
            delivered = checkpoint.delivered();
            unread = new TreeMap<>(checkpoint.unread());
            sweptRun = run == 1 ? 1 : run - 1;
            if (!unread.isEmpty()) {
                Taken younger = take();
                unread.replaceAll((key, old) -> younger);
            }
        }
    }

    private static Map<String, Integer> inDatabase(List<Change> database) {
        Map<String, Integer> rows = new TreeMap<>();
        for (Change change : database) {
            if (change.op() == Op.DELETE) {
                rows.remove(change.key());
            } else {
                rows.put(change.key(), change.transaction());
            }
        }
        return rows;
    }

    private static Map<String, Integer> inTopic(List<Published> topic) {
        Map<String, Integer> rows = new TreeMap<>();
        for (Published record : topic) {
            if (record.value() == null) {
                rows.remove(record.key());
            } else {
                rows.put(record.key(), record.value());
            }
        }
        return rows;
    }

    @Test
    void topics_end_as_the_database_and_positions_never_fall() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Pipeline pipeline = new Pipeline(seed, false);
            pipeline.run();
            assertThat(inTopic(pipeline.topic)).as("seed %d", seed).isEqualTo(inDatabase(pipeline.database));
            Map<String, Position> last = new HashMap<>();
            for (Published record : pipeline.topic) {
                Position before = last.put(record.key(), record.position());
                assertThat(before == null || before.compareTo(record.position()) < 0)
                        .as("seed %d: %s behind %s", seed, record, before)
                        .isTrue();
            }
        }
    }

    @Test
    void topics_end_as_the_database_however_often_the_job_crashes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Pipeline pipeline = new Pipeline(seed, true);
            pipeline.run();
            assertThat(inTopic(pipeline.topic)).as("seed %d", seed).isEqualTo(inDatabase(pipeline.database));
        }
    }

    @Test
    void consumers_that_drop_repeats_end_as_the_database_however_often_the_job_and_they_crash() {
        Random random = new Random(11);
        for (long seed = 0; seed < SEEDS; seed++) {
            Pipeline pipeline = new Pipeline(seed, true);
            pipeline.run();
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            for (Published record : pipeline.topic) {
                records.add(record.at(records.size(), false));
                if (record.value() == null) {
                    records.add(record.at(records.size(), true));
                }
            }
            RepeatFilter filter = new RepeatFilter(100);
            Map<String, Integer> rows = new TreeMap<>();
            int reached = 0;
            while (reached < records.size()) {
                int from = random.nextInt(3) == 0 ? random.nextInt(reached + 1) : reached;
                int to = Math.max(from + 1, Math.min(records.size(), reached + random.nextInt(20)));
                for (ConsumerRecord<byte[], byte[]> record : records.subList(from, to)) {
                    if (!filter.isRepeat(record)) {
                        apply(record, rows);
                    }
                }
                reached = Math.max(reached, to);
            }
            assertThat(rows).as("seed %d", seed).isEqualTo(inDatabase(pipeline.database));
        }
    }

    private static void apply(ConsumerRecord<byte[], byte[]> record, Map<String, Integer> rows) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        byte[] bytes = record.value();
        String value = bytes == null ? "gone" : new String(bytes, StandardCharsets.UTF_8);
        if (value.equals("gone")) {
            rows.remove(key);
        } else {
            rows.put(key, Integer.valueOf(value));
        }
    }
}
