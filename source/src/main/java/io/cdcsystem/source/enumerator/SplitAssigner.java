package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is read next: the chunks of all tables, then the log, and beside it the chunks of tables that are read
 * again or came later. Free of Flink's runtime, of I/O and of time; the coordinator's thread only.
 *
 * <p>Why no row is lost: a chunk is finished only by a reader's report that its rows were emitted, and a chunk that is
 * not finished is read again after every failure. A report reaches a checkpoint by one of two ways. Where it came before
 * the enumerator's part was taken, the rows were emitted before the reader's part, which Flink takes later. Otherwise the
 * reader's own part holds it as a {@link FinishedChunk}. A reader that falls back to a checkpoint in which it was still
 * reading the chunk gives it back, which undoes the report.
 *
 * <p>The log begins only when a checkpoint that knew every chunk as finished has completed. From then on no failure can
 * bring a chunk of these runs back, so their generations' database snapshots may go.
 */
public final class SplitAssigner {
    /** Bounds both the state and how far the plan's keys may age. */
    static final int CHUNKS_AHEAD_MAX = 256;

    private final OpenGeneration generations;
    private final CapturedTables tables;
    private @Nullable LogPlace log;
    private AppliedSignals signals = AppliedSignals.NONE;

    /**
     * Begins, or goes on from a completed checkpoint.
     *
     * @param chunkSize rows of a table's first chunks
     * @param chunkMillis how long a chunk should take; 0 where its size is not to follow that
     */
    public SplitAssigner(EnumeratorState state, int chunkSize, long chunkMillis) {
        Capture capture = state.capture();
        generations = new OpenGeneration(capture == null ? 0 : capture.generations());
        tables = new CapturedTables(new ChunkSizing.Aim(chunkSize, chunkMillis), generations);
        if (capture != null) {
            tables.restore(capture);
            signals = capture.signals();
            log = beginIfAllIsRead(new LogPlace(capture));
        }
    }

    /** What a checkpoint must keep. */
    public EnumeratorState state() {
        LogPlace place = log;
        return place == null
                ? EnumeratorState.EMPTY
                : new EnumeratorState(
                        new Capture(
                                place.epoch(),
                                place.start(),
                                place.end(),
                                tables.runs(),
                                generations.count(),
                                tables.progress(),
                                place.isAssigned(),
                                place.returned(),
                                tables.isPaused(),
                                tables.addedBySignal(),
                                tables.removedBySignal(),
                                signals),
                        List.of());
    }

    /** Where the capture stands. */
    public Phase phase() {
        if (log == null) {
            return Phase.DISCOVERING;
        }
        if (log.isBegun()) {
            return Phase.STREAMING;
        }
        return tables.allRead() ? Phase.HANDING_OVER : Phase.SNAPSHOTTING;
    }

    /** The captured tables. */
    public CapturedTables tables() {
        return tables;
    }

    // ---- the capture's beginning

    /** The start is fixed: from now on it is the same after every failure. Without rows to read the log begins at once. */
    public void started(
            SourceEpoch epoch,
            ResumeToken start,
            @Nullable ResumeToken end,
            List<TableSchema> schemas,
            boolean withRows) {
        if (log != null) {
            throw new IllegalStateException("started twice");
        }
        tables.begin(schemas, withRows);
        log = beginIfAllIsRead(new LogPlace(epoch, start, end));
    }

    /**
     * The stored position is lost: everything begins again behind a new start, all rows as further runs, so that they
     * replace what was read and what has gone meanwhile is found.
     */
    public void startedAnew(
            SourceEpoch epoch, ResumeToken start, @Nullable ResumeToken end, List<TableSchema> schemas) {
        generations.closed();
        tables.beginAnew(schemas);
        log = beginIfAllIsRead(new LogPlace(epoch, start, end));
    }

    /** A run that goes on from a state ends here, wherever the run before it was to end; null to go on for ever. */
    public void endAt(@Nullable ResumeToken end) {
        place().endAt(end);
    }

    private LogPlace beginIfAllIsRead(LogPlace place) {
        if (!place.isBegun() && tables.allSettled()) {
            place.begin();
        }
        return place;
    }

    // ---- rows

    /** What to plan next, or nothing while enough chunks wait. The answer belongs into {@link #chunksPlanned}. */
    public Optional<PlanRequest> nextPlan() {
        if (tables.isPaused() || tables.chunksWaitingCount() >= CHUNKS_AHEAD_MAX) {
            return Optional.empty();
        }
        return tables.all().stream()
                .filter(TableWork::wantsPlan)
                .min(Comparator.comparingInt(TableWork::deferredCount))
                .map(TableWork::planRequest);
    }

    /** Takes in a plan; refuses one that does not continue where planning stands. */
    public void chunksPlanned(PlanRequest request, ChunkPlan plan) {
        TableWork table = tables.get(request.table().id());
        if (table != null) {
            table.planned(request, plan);
        }
    }

    /** The table could not be planned now: the others come first. */
    public void planDeferred(TableId id) {
        TableWork table = tables.get(id);
        if (table != null) {
            table.deferred();
        }
    }

    /**
     * The next chunk for a reader that asked; nothing while none waits that may be read under the open generation.
     *
     * @param admits whether chunks of a table version may be read, which stand at the position; the others are passed over
     */
    public Optional<SnapshotSplit> nextChunk(BiPredicate<TableSchema, Position> admits) {
        return tables.isPaused()
                ? Optional.empty()
                : tables.all().stream()
                        .map(table -> generations.take(table, admits))
                        .flatMap(Optional::stream)
                        .findFirst();
    }

    /** Takes in a reader's report. A repeated report changes nothing. */
    public void chunkFinished(FinishedChunk chunk, long bytes, long millis) {
        TableWork table = tables.get(chunk.table());
        if (table != null) {
            table.finished(chunk, bytes, millis);
        }
    }

    /** A reader could not open a chunk: it is to be assigned again. */
    public void chunkRefused(TableId id, int run, int chunk) {
        TableWork table = tables.get(id);
        if (table != null) {
            table.refused(run, chunk);
        }
    }

    /** Splits that readers lost with a failure, or found in their restored state: all of them are to be assigned again. */
    public void splitsBack(Collection<? extends CdcSplit> splits) {
        for (CdcSplit split : splits) {
            if (split instanceof SnapshotSplit chunk) {
                TableWork table = tables.get(chunk.table().id());
                if (table != null) {
                    table.back(chunk);
                }
            } else if (split instanceof LogSplit returned) {
                // Of a history whose position was lost, nothing is left to read.
                if (returned.epoch().number() == epoch().number()) {
                    place().back(returned);
                    tables.all().forEach(TableWork::logBack);
                }
            } else if (split instanceof FinishedChunk finished) {
                chunkFinished(finished, 0, 0);
            }
        }
    }

    // ---- generations

    /** Unread chunks are read under this generation from now on. */
    public void generationOpened(Generation opened, String snapshotName) {
        generations.opened(opened, snapshotName);
    }

    /** Readers can no longer read under the current generation. */
    public void generationClosed() {
        generations.closed();
    }

    /** The number that the next generation gets. */
    public int nextGeneration() {
        return generations.next();
    }

    /** Whether rows are to be read that no open generation covers. */
    public boolean needsGeneration() {
        return !tables.isPaused()
                && tables.all().stream().anyMatch(table -> table.needsYoungerThan(generations.number()));
    }

    /** Whether a reader still reads under the generation of that number, or is going to. */
    public boolean isInUse(int number) {
        boolean current = number == generations.number() && !tables.isPaused();
        return tables.all().stream().anyMatch(table -> table.holds(number) || (current && table.mayRead()));
    }

    // ---- checkpoints

    /** The enumerator's part of a checkpoint is taken. */
    public void checkpointTaken(long checkpoint) {
        tables.all().forEach(table -> table.checkpointTaken(checkpoint));
    }

    /** A checkpoint is complete; whether that opened the way to the log. */
    public boolean checkpointCompleted(long checkpoint) {
        LogPlace place = log;
        if (place == null) {
            return false;
        }
        boolean before = place.isBegun();
        tables.checkpointCompleted(checkpoint);
        return !before && beginIfAllIsRead(place).isBegun();
    }

    // ---- the log

    /** Whether the log waits for a reader. */
    public boolean logWaits() {
        return log != null && log.isWaiting();
    }

    /** Hands out the log: once, and again only after it came back; always with the tables captured by now. */
    public LogSplit takeLog() {
        return place().take(captured());
    }

    /** What the log is to publish; a table keeps the version that is in force where the log came back. */
    public List<CapturedTable> captured() {
        LogPlace place = place();
        Map<TableId, CapturedTable> known = place.known();
        List<CapturedTable> captured = new ArrayList<>();
        for (TableWork table : tables.all()) {
            CapturedTable fresh = new CapturedTable(table.schema(), place.isUnread() ? table.logFloor() : null);
            captured.add(known.getOrDefault(table.id(), fresh));
        }
        return captured;
    }

    /** A sweep that the log reader is to be asked for, if one is due. */
    public Optional<SweepOrder> nextSweep() {
        if (!logAssigned()) {
            return Optional.empty();
        }
        for (TableWork table : tables.all()) {
            if (table.takeSweep()) {
                return Optional.of(new SweepOrder(table.schema(), Objects.requireNonNull(table.oldestGeneration())));
            }
        }
        return Optional.empty();
    }

    /** Where reading the log begins; only after {@link #started}. */
    public ResumeToken logStart() {
        return place().start();
    }

    /** The history that is read; only after {@link #started}. */
    public SourceEpoch epoch() {
        return place().epoch();
    }

    /** Whether a reader holds the log, or has held it to a bounded run's end. */
    public boolean logAssigned() {
        return log != null && log.isAssigned();
    }

    /** The log that came back and waits; null where none did. */
    public @Nullable LogSplit logReturned() {
        return log == null ? null : log.returned();
    }

    /** The signals that were applied. */
    public AppliedSignals signals() {
        return signals;
    }

    /** Remembers that signals were applied up to there. */
    public void signalsApplied(AppliedSignals upTo) {
        signals = upTo;
    }

    private LogPlace place() {
        return Objects.requireNonNull(log, "not started");
    }
}
