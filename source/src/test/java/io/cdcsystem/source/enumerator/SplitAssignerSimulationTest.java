package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.CdcSplitSerializer;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two readers, checkpoints, and failures of both kinds at any moment, from one seed; tables are read again, change while
 * they are read, come and go, and generations are replaced. The rows of a chunk are in the output when its reader finished
 * it; a failure takes the output back to the checkpoint, as exactly-once output does.
 */
@Tag("S5")
@Tag("S6")
class SplitAssignerSimulationTest {
    private static final int TABLES = 3;
    private static final int CHUNKS_PER_TABLE = 7;
    private static final int SEEDS = 150;
    private static final int STEPS = 400;

    /** One reader: what it holds, and what it finished since a checkpoint held it. */
    private static final class Reader {
        final Map<String, CdcSplit> splits = new LinkedHashMap<>();
        final Map<FinishedChunk, Long> finished = new LinkedHashMap<>();
    }

    /** A checkpoint: the enumerator's part first, then the readers'. */
    private record Checkpoint(EnumeratorState enumerator, List<List<CdcSplit>> readers, Set<String> output) {}

    /** One whose last part is not in yet, with what was assigned before it, and the reports that it cannot overtake. */
    private record UnderWay(
            long id, Checkpoint checkpoint, Map<Integer, List<CdcSplit>> assigned, List<FinishedChunk> reports) {}

    private static final class World {
        final Random random;
        final List<TableSchema> tables = new ArrayList<>();
        final EnumeratorStateSerializer stateSerializer = new EnumeratorStateSerializer();
        final CdcSplitSerializer splitSerializer = new CdcSplitSerializer();
        final List<Reader> readers = List.of(new Reader(), new Reader());
        final Map<Integer, List<CdcSplit>> assignedSince = new HashMap<>();
        final TreeMap<Long, Checkpoint> completed = new TreeMap<>();
        final Set<String> output = new HashSet<>();
        final List<FinishedChunk> reports = new ArrayList<>();
        /** Runs that somebody stopped, or whose table went. */
        final Set<String> givenUp = new HashSet<>();
        /** What the log's reader was asked for and has not done. */
        final List<SweepOrder> sweeps = new ArrayList<>();
        /** Reports of sweeps on their way. */
        final List<SweepOrder> swept = new ArrayList<>();

        @Nullable
        UnderWay underWay;

        SplitAssigner assigner = new SplitAssigner(EnumeratorState.EMPTY, 10, 0);
        long nextCheckpoint = 1;
        int generations;

        @Nullable
        ResumeToken end;

        boolean failing = true;

        World(long seed) {
            random = new Random(seed);
            for (int i = 0; i < TABLES; i++) {
                tables.add(Samples.table("t" + i));
            }
            newRun();
        }

        /** Each run has an end of its own, or none. */
        void newRun() {
            end = random.nextBoolean() ? Samples.token(random.nextInt(1000)) : null;
        }

        void step() {
            switch (random.nextInt(failing ? 13 : 9)) {
                case 0 -> plan();
                case 1, 2 -> assign(random.nextInt(readers.size()));
                case 3, 4 -> finish(random.nextInt(readers.size()));
                case 5 -> deliver();
                case 6 -> {
                    if (underWay == null) {
                        checkpoint();
                    } else {
                        endCheckpoint();
                    }
                }
                case 7 -> sweep();
                case 8 -> join();
                case 9 -> crashReaders();
                case 10 -> crashAll();
                case 11 -> people();
                default -> databaseChanges();
            }
            verify();
        }

        void begin() {
            if (assigner.phase() == Phase.DISCOVERING) {
                assigner.started(Samples.EPOCH, Samples.token(1), end, tables, true);
            }
        }

        void plan() {
            begin();
            Optional<PlanRequest> next = assigner.nextPlan();
            if (next.isPresent()) {
                ChunkRange after = next.get().after();
                int from = after == null ? 0 : Samples.end(after);
                List<ChunkRange> ranges = new ArrayList<>();
                for (int i = from; i < Math.min(from + 3, CHUNKS_PER_TABLE); i++) {
                    ranges.add(Samples.range(i == 0 ? -1 : i, i + 1));
                }
                assigner.chunksPlanned(next.get(), new ChunkPlan(ranges, from + 3 >= CHUNKS_PER_TABLE, null, -1));
            }
        }

        TableId anyTable() {
            return tables.get(random.nextInt(tables.size())).id();
        }

        void people() {
            CapturedTables captured = assigner.tables();
            boolean streams = assigner.phase() == Phase.STREAMING;
            switch (random.nextInt(6)) {
                case 0, 1 -> captured.order(anyTable(), new SnapshotOrder(random.nextBoolean() ? null : "x > 1"));
                case 2 -> {
                    TableId table = anyTable();
                    givenUp.addAll(runOf(table));
                    captured.stop(table, streams);
                }
                case 3 -> captured.pause(random.nextBoolean());
                case 4 -> captured.remove(anyTable(), random.nextBoolean());
                default -> {
                    if (assigner.phase() != Phase.DISCOVERING) {
                        captured.add(Samples.table("t" + random.nextInt(TABLES)), random.nextBoolean());
                    }
                }
            }
        }

        void databaseChanges() {
            if (random.nextInt(3) == 0) {
                assigner.generationClosed();
                return;
            }
            assigner.tables().statuses().stream()
                    .filter(table -> table.stage() == Stage.READING)
                    .findFirst()
                    .ifPresent(table -> {
                        boolean gone = random.nextInt(5) == 0;
                        if (gone) {
                            givenUp.addAll(runOf(table.table()));
                        }
                        assigner.tables()
                                .changed(
                                        table.table(),
                                        table.run(),
                                        gone
                                                ? null
                                                : Samples.table(table.table().name()));
                    });
        }

        Set<String> runOf(TableId table) {
            return assigner.tables().statuses().stream()
                    .filter(status -> status.table().equals(table))
                    .map(status -> table + ":" + status.run())
                    .collect(Collectors.toSet());
        }

        void join() {
            assigner.tables().runsIn(Stage.JOINING).forEach(assigner.tables()::joined);
        }

        /** The enumerator asks, the log's reader emits, and the report is delivered, at any pace. */
        void sweep() {
            assigner.nextSweep().ifPresent(sweeps::add);
            if (!sweeps.isEmpty() && random.nextBoolean()) {
                SweepOrder sweep = sweeps.remove(0);
                verifySwept(sweep);
                swept.add(sweep);
            }
            if (!swept.isEmpty() && random.nextBoolean()) {
                SweepOrder done = swept.remove(0);
                assigner.tables().swept(done.table().id(), done.oldest().run());
            }
        }

        void verifySwept(SweepOrder sweep) {
            TableId table = sweep.table().id();
            int run = sweep.oldest().run();
            TableStatus now = assigner.tables().statuses().stream()
                    .filter(status -> status.table().equals(table) && status.run() == run)
                    .findFirst()
                    .orElse(null);
            if (now == null) {
                return; // removed, or read anew since
            }
            Set<String> lasting = completed.lastEntry().getValue().output();
            for (int chunk = 0; chunk < CHUNKS_PER_TABLE; chunk++) {
                assertThat(lasting)
                        .as("a table is swept only when every row of the run is in a completed checkpoint")
                        .contains("snapshot:" + table + ":" + run + ":" + chunk);
            }
            readers.forEach(reader -> assertThat(reader.splits.keySet())
                    .as("no chunk of a swept table is still read")
                    .noneMatch(split -> split.startsWith("snapshot:" + table + ":")));
        }

        void assign(int subtask) {
            if (assigner.needsGeneration() || random.nextInt(20) == 0) {
                generations = assigner.nextGeneration();
                assigner.generationOpened(Samples.generation(generations), "g" + generations);
            }
            if (assigner.logWaits()) {
                give(subtask, assigner.takeLog());
            } else {
                assigner.nextChunk((table, position) -> true).ifPresent(chunk -> give(subtask, chunk));
            }
        }

        void give(int subtask, CdcSplit split) {
            CdcSplit copy = copy(split);
            assertThat(readers.get(subtask).splits).doesNotContainKey(split.splitId());
            readers.get(subtask).splits.put(copy.splitId(), copy);
            assignedSince.computeIfAbsent(subtask, key -> new ArrayList<>()).add(copy);
        }

        void finish(int subtask) {
            Reader reader = readers.get(subtask);
            Optional<SnapshotSplit> chunk = reader.splits.values().stream()
                    .filter(SnapshotSplit.class::isInstance)
                    .map(SnapshotSplit.class::cast)
                    .findFirst();
            chunk.ifPresent(split -> {
                reader.splits.remove(split.splitId());
                output.add(split.splitId());
                if (random.nextInt(8) == 0) {
                    output.remove(split.splitId());
                    assigner.chunkRefused(split.table().id(), split.generation().run(), split.chunk());
                    return;
                }
                FinishedChunk done =
                        new FinishedChunk(split.table().id(), split.generation().run(), split.chunk(), 10);
                reader.finished.put(done, Long.MAX_VALUE);
                reports.add(done);
            });
        }

        void deliver() {
            if (!reports.isEmpty()) {
                assigner.chunkFinished(reports.remove(0), 100, 1);
            }
        }

        /** The enumerator's part, then finishes may happen, then the readers' parts; then it completes or is lost. */
        void checkpoint() {
            long id = nextCheckpoint++;
            EnumeratorState enumerator = stateSerializer.deserialize(4, bytes(assigner.state()));
            assigner.checkpointTaken(id);
            Map<Integer, List<CdcSplit>> before = new HashMap<>(assignedSince);
            assignedSince.clear();
            if (random.nextBoolean()) {
                finish(random.nextInt(readers.size()));
            }
            List<List<CdcSplit>> parts = new ArrayList<>();
            for (Reader reader : readers) {
                reader.finished.replaceAll((chunk, first) -> Math.min(first, id));
                List<CdcSplit> part = new ArrayList<>();
                reader.splits.values().forEach(split -> part.add(copy(split)));
                reader.finished.keySet().forEach(split -> part.add(copy(split)));
                parts.add(part);
            }
            Checkpoint taken = new Checkpoint(enumerator, parts, Set.copyOf(output));
            underWay = new UnderWay(id, taken, before, List.copyOf(reports));
        }

        /** It completes some time later, or never. */
        void endCheckpoint() {
            UnderWay ending = underWay;
            if (random.nextInt(4) == 0) {
                abortCheckpoint();
                return;
            }
            underWay = null;
            long id = ending.id();
            completed.put(id, ending.checkpoint());
            // Reports made before a reader's part reach the coordinator before the checkpoint can complete.
            for (FinishedChunk report : ending.reports()) {
                if (reports.remove(report)) {
                    assigner.chunkFinished(report, 100, 1);
                }
            }
            assigner.checkpointCompleted(id);
            readers.forEach(reader -> reader.finished.values().removeIf(first -> first <= id));
        }

        void abortCheckpoint() {
            UnderWay aborted = underWay;
            underWay = null;
            if (aborted != null) {
                aborted.assigned().forEach((subtask, splits) -> assignedSince
                        .computeIfAbsent(subtask, key -> new ArrayList<>())
                        .addAll(0, splits));
            }
        }

        /** The tasks fail and go back to the last checkpoint; the enumerator lives on. */
        void crashReaders() {
            abortCheckpoint();
            forget();
            for (int i = 0; i < readers.size(); i++) {
                assigner.splitsBack(assignedSince.getOrDefault(i, List.of()));
            }
            assignedSince.clear();
            restoreReaders();
        }

        /** Everything fails. */
        void crashAll() {
            abortCheckpoint();
            forget();
            assignedSince.clear();
            assigner = new SplitAssigner(
                    completed.isEmpty()
                            ? EnumeratorState.EMPTY
                            : completed.lastEntry().getValue().enumerator(),
                    10,
                    0);
            newRun();
            if (assigner.phase() == Phase.DISCOVERING) {
                generations = 0;
            } else {
                assigner.endAt(end);
            }
            restoreReaders();
        }

        void forget() {
            reports.clear();
            output.clear();
            sweeps.clear();
            swept.clear();
        }

        void restoreReaders() {
            for (int i = 0; i < readers.size(); i++) {
                readers.get(i).splits.clear();
                readers.get(i).finished.clear();
                if (!completed.isEmpty()) {
                    assigner.splitsBack(
                            completed.lastEntry().getValue().readers().get(i));
                }
            }
            if (!completed.isEmpty()) {
                output.addAll(completed.lastEntry().getValue().output());
            }
        }

        void verify() {
            List<CdcSplit> held = new ArrayList<>();
            readers.forEach(reader -> held.addAll(reader.splits.values()));
            assertThat(held.stream().map(CdcSplit::splitId))
                    .as("read by one reader only")
                    .doesNotHaveDuplicates();
            List<CdcSplit> logs =
                    held.stream().filter(LogSplit.class::isInstance).toList();
            if (!logs.isEmpty()) {
                assertThat(completed).as("the log begins behind a checkpoint").isNotEmpty();
                assertThat(logs).hasSize(1);
                assertThat(((LogSplit) logs.get(0)).end())
                        .as("the log ends where this run says")
                        .isEqualTo(end);
            }
            verifyDone();
            EnumeratorState state = assigner.state();
            assertThat(stateSerializer.deserialize(4, bytes(state))).isEqualTo(state);
            if (state.capture() != null) {
                state.capture().tables().forEach(table -> assertThat(table.unfinished())
                        .hasSizeLessThanOrEqualTo(CHUNKS_PER_TABLE));
            }
        }

        /** A run that was not given up is done only with all its rows in a completed checkpoint. */
        void verifyDone() {
            for (TableStatus table : assigner.tables().statuses()) {
                boolean settled = table.stage().compareTo(Stage.READ) > 0;
                if (settled
                        && table.chunksFinished() == CHUNKS_PER_TABLE
                        && !givenUp.contains(table.table() + ":" + table.run())) {
                    for (int chunk = 0; chunk < CHUNKS_PER_TABLE; chunk++) {
                        assertThat(output)
                                .as("what is settled is never lost again")
                                .contains("snapshot:" + table.table() + ":" + table.run() + ":" + chunk);
                    }
                }
            }
        }

        boolean quiet() {
            return assigner.tables().statuses().stream().allMatch(table -> table.stage() == Stage.DONE)
                    && readers.stream()
                            .anyMatch(reader -> reader.splits.values().stream().anyMatch(LogSplit.class::isInstance));
        }

        CdcSplit copy(CdcSplit split) {
            return splitSerializer.deserialize(3, bytes(split));
        }

        byte[] bytes(CdcSplit split) {
            try {
                return splitSerializer.serialize(split);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        byte[] bytes(EnumeratorState state) {
            try {
                return stateSerializer.serialize(state);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @ParameterizedTest(name = "seeds from {0}")
    @ValueSource(longs = {0, 10_000})
    @Tag("S2")
    void every_row_is_out_before_the_log_or_a_sweep_whatever_fails_when(long firstSeed) {
        for (long seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
            World world = new World(seed);
            try {
                for (int step = 0; step < STEPS; step++) {
                    world.step();
                }
                world.failing = false;
                world.assigner.tables().pause(false);
                for (int step = 0; step < STEPS * 10 && !world.quiet(); step++) {
                    world.step();
                }
                assertThat(world.quiet())
                        .as(
                                "in the end every table is done and the log is read: %s",
                                world.assigner.tables().statuses())
                        .isTrue();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
