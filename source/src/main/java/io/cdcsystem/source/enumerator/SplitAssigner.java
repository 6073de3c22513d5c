package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is read next: the chunks of all tables, then the log. Free of Flink's runtime, of I/O and of time; the
 * coordinator's thread only.
 *
 * <p>Why no row is lost: a chunk is finished only by a reader's report that its rows were emitted, and a chunk that is
 * not finished is read again after every failure. A report reaches a checkpoint by one of two ways. Where it came before
 * the enumerator's part was taken, the rows were emitted before the reader's part, which Flink takes later. Otherwise the
 * reader's own part holds it as a {@link FinishedChunk}. A reader that falls back to a checkpoint in which it was still
 * reading the chunk gives it back, which undoes the report.
 *
 * <p>The log begins only when a checkpoint that knew every chunk as finished has completed. From then on no failure can
 * bring a chunk back, so the generation's database snapshot may go.
 */
public final class SplitAssigner {
    /** Bounds both the state and how far the plan's keys may age. */
    static final int CHUNKS_AHEAD_MAX = 256;

    private static final long NEVER = Long.MAX_VALUE;

    private @Nullable SourceEpoch epoch;
    private @Nullable ResumeToken logStart;
    private @Nullable ResumeToken logEnd;
    private int run = 1;
    private int generations;
    private final Map<TableId, TableWork> tables = new LinkedHashMap<>();
    private @Nullable Generation generation;
    private String snapshotName = "";
    private boolean logAssigned;
    private @Nullable LogSplit logReturned;
    /** The first checkpoint that was taken when every chunk was finished. */
    private long allFinishedAt = NEVER;

    private boolean handedOver;

    /** Begins, or goes on from a completed checkpoint. */
    public SplitAssigner(EnumeratorState state) {
        Capture capture = state.capture();
        if (capture != null) {
            epoch = capture.epoch();
            logStart = capture.logStart();
            logEnd = capture.logEnd();
            run = capture.run();
            generations = capture.generations();
            logAssigned = capture.logAssigned();
            logReturned = capture.logReturned();
            capture.tables().forEach(table -> tables.put(table.schema().id(), new TableWork(table)));
            // The checkpoint we come from has completed: where it knew every chunk as finished, that is lasting.
            handedOver = allDone();
        }
    }

    /** What a checkpoint must keep. */
    public EnumeratorState state() {
        SourceEpoch begun = epoch;
        if (begun == null) {
            return EnumeratorState.EMPTY;
        }
        List<TableProgress> progress =
                tables.values().stream().map(TableWork::progress).toList();
        return new EnumeratorState(
                new Capture(begun, logStart(), logEnd, run, generations, progress, logAssigned, logReturned));
    }

    /** Where the capture stands. */
    public Phase phase() {
        if (epoch == null) {
            return Phase.DISCOVERING;
        }
        if (!allDone()) {
            return Phase.SNAPSHOTTING;
        }
        return handedOver ? Phase.STREAMING : Phase.HANDING_OVER;
    }

    /** The start is fixed: from now on it is the same after every failure. */
    public void started(
            SourceEpoch epoch,
            ResumeToken start,
            @Nullable ResumeToken end,
            List<TableSchema> schemas,
            Generation first,
            String snapshotName) {
        if (this.epoch != null) {
            throw new IllegalStateException("started twice");
        }
        this.epoch = epoch;
        logStart = start;
        logEnd = end;
        run = first.run();
        schemas.forEach(schema -> tables.put(schema.id(), new TableWork(schema)));
        generationOpened(first, snapshotName);
    }

    /** A run that goes on from a state ends here, wherever the run before it was to end; null to go on for ever. */
    public void endAt(@Nullable ResumeToken end) {
        logEnd = end;
    }

    /** What to plan next, or nothing while enough chunks wait. The answer belongs into {@link #chunksPlanned}. */
    public Optional<PlanRequest> nextPlan() {
        int waiting = tables.values().stream().mapToInt(TableWork::waitingCount).sum();
        if (waiting >= CHUNKS_AHEAD_MAX) {
            return Optional.empty();
        }
        return tables.values().stream()
                .filter(table -> !table.complete())
                .min(Comparator.comparingInt(TableWork::deferredCount))
                .map(table -> new PlanRequest(table.schema(), table.last(), table.deferredCount()));
    }

    /** Takes in a plan; refuses one that does not continue where planning stands. */
    public void chunksPlanned(TableId table, @Nullable ChunkRange after, ChunkPlan plan) {
        work(table).planned(after, plan);
    }

    /** The table could not be planned now: the others come first. */
    public void planDeferred(TableId table) {
        work(table).deferred();
    }

    /** The next chunk for a reader that asked; nothing while none waits or no generation is open. */
    public Optional<SnapshotSplit> nextChunk() {
        Generation current = generation;
        if (current == null) {
            return Optional.empty();
        }
        for (TableWork table : tables.values()) {
            if (table.waitingCount() > 0) {
                Map.Entry<Integer, ChunkRange> chunk = table.take(current);
                return Optional.of(new SnapshotSplit(
                        table.schema(), chunk.getKey(), chunk.getValue(), null, current, snapshotName));
            }
        }
        return Optional.empty();
    }

    /** Whether the log waits for a reader. */
    public boolean logWaits() {
        return phase() == Phase.STREAMING && !logAssigned;
    }

    /** Hands out the log: once, and again only after it came back. */
    public LogSplit takeLog() {
        if (!logWaits()) {
            throw new IllegalStateException("the log is not to be assigned in " + phase());
        }
        LogSplit split = logReturned == null ? firstLog() : logReturned.endingAt(logEnd);
        logReturned = null;
        logAssigned = true;
        return split;
    }

    /** Takes in a reader's report; whether it finished its table. A repeated report changes nothing. */
    public boolean chunkFinished(FinishedChunk chunk) {
        TableWork table = work(chunk.table());
        return chunk.run() == run && table.finished(chunk.chunk(), chunk.rows()) && table.done();
    }

    /** Splits that readers lost with a failure, or found in their restored state: all of them are to be assigned again. */
    public void splitsBack(Collection<? extends CdcSplit> splits) {
        for (CdcSplit split : splits) {
            if (split instanceof SnapshotSplit chunk) {
                chunkBack(chunk);
            } else if (split instanceof LogSplit log) {
                logAssigned = false;
                logReturned = log;
            } else if (split instanceof FinishedChunk finished) {
                chunkFinished(finished);
            }
        }
    }

    private void chunkBack(SnapshotSplit chunk) {
        // Once handed over, a completed checkpoint holds every chunk's rows: what comes back then was read twice at
        // once.
        if (!handedOver && chunk.generation().run() == run) {
            work(chunk.table().id()).back(chunk.chunk(), chunk.range());
            allFinishedAt = NEVER;
        }
    }

    /** The enumerator's part of a checkpoint is taken. */
    public void checkpointTaken(long checkpoint) {
        if (phase() == Phase.HANDING_OVER) {
            allFinishedAt = Math.min(allFinishedAt, checkpoint);
        }
    }

    /** A checkpoint is complete; whether that opened the way to the log. */
    public boolean checkpointCompleted(long checkpoint) {
        if (handedOver || phase() != Phase.HANDING_OVER || checkpoint < allFinishedAt) {
            return false;
        }
        handedOver = true;
        generationClosed();
        return true;
    }

    /** Unread chunks are read under this generation from now on. */
    public void generationOpened(Generation opened, String name) {
        if (opened.number() <= generations || opened.run() != run) {
            throw new IllegalStateException("generation " + opened + " after number " + generations);
        }
        generation = opened;
        snapshotName = name;
        generations = opened.number();
    }

    /** Readers can no longer read under the current generation. */
    public void generationClosed() {
        generation = null;
        snapshotName = "";
    }

    /** Whether rows are to be read that no open generation covers. */
    public boolean needsGeneration() {
        return phase() == Phase.SNAPSHOTTING && generation == null;
    }

    /** The number that the next generation gets. */
    public int nextGeneration() {
        return generations + 1;
    }

    /** The run of the chunks. */
    public int run() {
        return run;
    }

    /** Where reading the log begins; only after {@link #started}. */
    public ResumeToken logStart() {
        return Objects.requireNonNull(logStart, "not started");
    }

    /** The history that is read; only after {@link #started}. */
    public SourceEpoch epoch() {
        return Objects.requireNonNull(epoch, "not started");
    }

    /** Whether a reader holds the log, or has held it to a bounded run's end. */
    public boolean logAssigned() {
        return logAssigned;
    }

    /** The log that came back and waits; null where none did. */
    public @Nullable LogSplit logReturned() {
        return logReturned;
    }

    /** The tables captured, in order. */
    public Collection<TableId> tables() {
        return List.copyOf(tables.keySet());
    }

    /** The rows that were reported for a table. */
    public long rows(TableId table) {
        return work(table).rows();
    }

    /** Planned chunks of all tables. */
    public long chunksPlannedCount() {
        return tables.values().stream().mapToLong(TableWork::plannedCount).sum();
    }

    /** Chunks of all tables that were read. */
    public long chunksFinishedCount() {
        return tables.values().stream().mapToLong(TableWork::finishedCount).sum();
    }

    /** Tables whose every row was read. */
    public long tablesFinishedCount() {
        return tables.values().stream().filter(TableWork::done).count();
    }

    /** Chunks that no reader holds. */
    public long chunksWaitingCount() {
        return tables.values().stream().mapToLong(TableWork::waitingCount).sum();
    }

    private boolean allDone() {
        return tables.values().stream().allMatch(TableWork::done);
    }

    private LogSplit firstLog() {
        List<CapturedTable> captured = new ArrayList<>();
        tables.values().forEach(table -> captured.add(new CapturedTable(table.schema(), table.oldestGeneration())));
        return new LogSplit(epoch(), logStart(), 0, captured, List.of(), logEnd);
    }

    private TableWork work(TableId table) {
        TableWork work = tables.get(table);
        if (work == null) {
            throw new IllegalStateException(table + " is not a table of this capture: " + tables.keySet());
        }
        return work;
    }
}
