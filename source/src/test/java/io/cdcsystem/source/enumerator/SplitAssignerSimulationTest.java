package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two readers, checkpoints, and failures of both kinds at any moment, from one seed. The rows of a chunk are in the
 * output when its reader finished it; a failure takes the output back to the checkpoint, as exactly-once output does.
 */
@Tag("S5")
@Tag("S6")
class SplitAssignerSimulationTest {
    private static final int TABLES = 3;
    private static final int CHUNKS_PER_TABLE = 7;
    private static final int SEEDS = 400;
    private static final int STEPS = 400;

    /** One reader: what it holds, and what it finished since a checkpoint held it. */
    private static final class Reader {
        final Map<String, CdcSplit> splits = new LinkedHashMap<>();
        final Map<FinishedChunk, Long> finished = new LinkedHashMap<>();
    }

    /** A checkpoint: the enumerator's part first, then the readers'. */
    private record Checkpoint(
            EnumeratorState enumerator, List<List<CdcSplit>> readers, Set<String> output, boolean allDone) {}

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
        SplitAssigner assigner = new SplitAssigner(EnumeratorState.EMPTY);
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
            switch (random.nextInt(failing ? 9 : 7)) {
                case 0 -> plan();
                case 1, 2 -> assign(random.nextInt(readers.size()));
                case 3, 4 -> finish(random.nextInt(readers.size()));
                case 5 -> deliver();
                case 6 -> checkpoint();
                case 7 -> crashReaders();
                default -> crashAll();
            }
            verify();
        }

        void begin() {
            if (assigner.phase() == Phase.DISCOVERING) {
                generations++;
                assigner.started(
                        Samples.EPOCH,
                        Samples.token(1),
                        end,
                        tables,
                        Samples.generation(generations),
                        "g" + generations);
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
                assigner.chunksPlanned(
                        next.get().table().id(), after, new ChunkPlan(ranges, from + 3 >= CHUNKS_PER_TABLE, -1));
            }
        }

        void assign(int subtask) {
            if (assigner.needsGeneration()) {
                generations = assigner.nextGeneration();
                assigner.generationOpened(Samples.generation(generations), "g" + generations);
            }
            if (assigner.logWaits()) {
                give(subtask, assigner.takeLog());
            } else {
                assigner.nextChunk().ifPresent(chunk -> give(subtask, chunk));
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
                FinishedChunk done = new FinishedChunk(split.table().id(), 1, split.chunk(), 10);
                reader.finished.put(done, Long.MAX_VALUE);
                reports.add(done);
            });
        }

        void deliver() {
            if (!reports.isEmpty()) {
                assigner.chunkFinished(reports.remove(0));
            }
        }

        /** The enumerator's part, then finishes may happen, then the readers' parts; then it completes or is lost. */
        void checkpoint() {
            long id = nextCheckpoint++;
            EnumeratorState enumerator = stateSerializer.deserialize(1, bytes(assigner.state()));
            assigner.checkpointTaken(id);
            boolean allDone = assigner.phase() == Phase.HANDING_OVER || assigner.phase() == Phase.STREAMING;
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
            Checkpoint taken = new Checkpoint(enumerator, parts, Set.copyOf(output), allDone);
            if (random.nextInt(4) == 0) {
                before.forEach((subtask, splits) -> assignedSince
                        .computeIfAbsent(subtask, key -> new ArrayList<>())
                        .addAll(0, splits));
                return;
            }
            completed.put(id, taken);
            // Reports made before a reader's part reach the coordinator before the checkpoint can complete.
            while (!reports.isEmpty()) {
                deliver();
            }
            assigner.checkpointCompleted(id);
            readers.forEach(reader -> reader.finished.values().removeIf(first -> first <= id));
        }

        /** The tasks fail and go back to the last checkpoint; the enumerator lives on. */
        void crashReaders() {
            reports.clear();
            output.clear();
            for (int i = 0; i < readers.size(); i++) {
                assigner.splitsBack(assignedSince.getOrDefault(i, List.of()));
            }
            assignedSince.clear();
            restoreReaders();
        }

        /** Everything fails. */
        void crashAll() {
            reports.clear();
            output.clear();
            assignedSince.clear();
            assigner = new SplitAssigner(
                    completed.isEmpty()
                            ? EnumeratorState.EMPTY
                            : completed.lastEntry().getValue().enumerator());
            newRun();
            if (completed.isEmpty()) {
                generations = 0;
            } else {
                assigner.endAt(end);
            }
            restoreReaders();
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
            boolean logRead = held.stream().anyMatch(LogSplit.class::isInstance);
            if (logRead) {
                assertThat(output)
                        .as("the whole snapshot is out before the log")
                        .hasSize(TABLES * CHUNKS_PER_TABLE);
                assertThat(completed.lastEntry().getValue().allDone())
                        .as("a completed checkpoint knew the whole snapshot before the log")
                        .isTrue();
                assertThat(held).as("no chunk is read beside the log").hasSize(1);
                assertThat(((LogSplit) held.get(0)).end())
                        .as("the log ends where this run says")
                        .isEqualTo(end);
            }
            EnumeratorState state = assigner.state();
            assertThat(stateSerializer.deserialize(1, bytes(state))).isEqualTo(state);
            if (state.capture() != null) {
                state.capture().tables().forEach(table -> assertThat(table.unfinished())
                        .hasSizeLessThanOrEqualTo(CHUNKS_PER_TABLE));
            }
        }

        CdcSplit copy(CdcSplit split) {
            return splitSerializer.deserialize(1, bytes(split));
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
    void every_chunk_is_out_before_the_log_whatever_fails_when(long firstSeed) {
        for (long seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
            World world = new World(seed);
            try {
                for (int step = 0; step < STEPS; step++) {
                    world.step();
                }
                world.failing = false;
                for (int step = 0; step < STEPS * 5 && !logRead(world); step++) {
                    world.step();
                }
                assertThat(logRead(world)).as("the log is read in the end").isTrue();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static boolean logRead(World world) {
        return world.readers.stream()
                .anyMatch(reader -> reader.splits.values().stream().anyMatch(LogSplit.class::isInstance));
    }
}
