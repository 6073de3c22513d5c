package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One captured table: its current snapshot run, and the runs that wait for its end. The mutable twin of
 * {@link TableProgress}. Coordinator thread only.
 */
final class TableWork {
    private static final long NEVER = Long.MAX_VALUE;

    private final ChunkSizing.Aim sizing;
    private TableSchema schema;
    private int run;
    private @Nullable String condition;
    private Stage stage;
    private @Nullable Generation oldestGeneration;
    private @Nullable Generation logFloor;
    /** Whether the run reads other columns than the one before. */
    private boolean altered;

    private @Nullable String storage;
    private final ChunkLedger chunks = new ChunkLedger();
    private int deferrals;
    private final List<SnapshotOrder> orders = new ArrayList<>();
    private ChunkSizing chunkSizing;
    private long rows;
    private long rowsEstimated = -1;
    /** Rows are only read under a generation that is not older: the others do not know what led to this run. */
    private int generationMin;
    /** The first checkpoint that was taken since the stage was entered: its completion is what the stage waits for. */
    private long stageHeldBy = NEVER;

    private boolean sweepRequested;
    private boolean swept;

    TableWork(TableSchema schema, int run, Stage stage, ChunkSizing.Aim sizing) {
        this.schema = schema;
        this.run = run;
        this.stage = stage;
        this.sizing = sizing;
        this.chunkSizing = sizing.begin();
        if (stage.isRead()) {
            chunks.close();
        }
    }

    /** Restored: no chunk is with a reader until one says so. */
    TableWork(TableProgress progress, ChunkSizing.Aim sizing) {
        this(progress.schema(), progress.run(), progress.stage(), sizing);
        condition = progress.condition();
        oldestGeneration = progress.oldestGeneration();
        logFloor = progress.logFloor();
        storage = progress.storage();
        chunks.restore(progress);
        rows = progress.rows();
        rowsEstimated = progress.rowsEstimated();
        orders.addAll(progress.orders());
        if (stage == Stage.READ) {
            // The checkpoint that we come from has completed: what it knew as read is lasting.
            settle();
        } else {
            readIfAllIs();
        }
    }

    TableProgress progress() {
        return new TableProgress(
                schema,
                run,
                condition,
                stage,
                oldestGeneration,
                logFloor,
                storage,
                chunks.plannedCount(),
                chunks.last(),
                chunks.isComplete(),
                chunks.pending(),
                rows,
                rowsEstimated,
                orders);
    }

    // ---- runs

    /** Takes over what readers still hold of the time when the table was captured before. */
    void adopt(TableWork before) {
        altered |= before.altered || !before.schema.columns().equals(schema.columns());
        chunks.adopt(before.chunks);
    }

    /** Whether a reader holds any chunk of the table. */
    boolean isHeld() {
        return chunks.isHeld();
    }

    /** Asks for a further run behind the one under way, or at once: whether it began. */
    boolean order(SnapshotOrder order, int runIfNow, int generationNext) {
        if (!orders.contains(order)) {
            orders.add(order);
        }
        return beginOrdered(runIfNow, generationNext);
    }

    /** The next ordered run, if its turn has come; whether one began. */
    boolean beginOrdered(int newRun, int generationNext) {
        if (stage != Stage.DONE || orders.isEmpty()) {
            return false;
        }
        condition = orders.remove(0).condition();
        restart(schema, newRun, generationNext);
        return true;
    }

    /** All of the run's rows are read anew, as another run, so that they replace what was read. */
    void restart(TableSchema present, int newRun, int generationNext) {
        if (newRun <= run) {
            throw new IllegalStateException(schema.id() + ": run " + newRun + " after " + run);
        }
        altered |= !present.columns().equals(schema.columns());
        schema = present;
        run = newRun;
        oldestGeneration = null;
        storage = null;
        chunks.clear();
        deferrals = 0;
        rows = 0;
        rowsEstimated = -1;
        chunkSizing = sizing.begin();
        generationMin = generationNext;
        enter(Stage.READING);
    }

    /** The same, whatever was asked for before: everything begins anew. */
    void beginAnew(TableSchema present, int newRun) {
        condition = null;
        logFloor = null;
        orders.clear();
        restart(present, newRun, 0);
    }

    /** The log publishes the table, and whoever wrote to it before has ended. */
    void joined(int joinedRun, int generationNext) {
        if (stage == Stage.JOINING && joinedRun == run) {
            generationMin = generationNext;
            enter(Stage.READING);
        }
    }

    /** Gives up the current run and all that wait; chunks with readers may still be read. */
    void stop() {
        orders.clear();
        if (stage != Stage.DONE) {
            giveUp();
        }
    }

    /** Gives up the current run. */
    void giveUp() {
        chunks.close();
        enter(Stage.DONE);
    }

    // ---- planning

    boolean wantsPlan() {
        return stage == Stage.READING && !chunks.isComplete();
    }

    PlanRequest planRequest() {
        return new PlanRequest(schema, run, condition, chunks.last(), chunkSizing.rows(), deferrals);
    }

    void planned(PlanRequest request, ChunkPlan plan) {
        if (request.run() != run || stage != Stage.READING) {
            return;
        }
        chunks.add(schema.id(), request.after(), plan);
        rowsEstimated = plan.rowsEstimated();
        storage = storage == null ? plan.storage() : storage;
    }

    void deferred() {
        deferrals++;
    }

    /** How often planning had to be put off; not kept over a restore. */
    int deferredCount() {
        return deferrals;
    }

    // ---- chunks

    /** Whether chunks wait that may be read under this generation, or would be under a younger one. */
    boolean hasWaiting() {
        return chunks.hasWaiting();
    }

    /** Whether the run has rows to read, and the generation, 0 for none, is none to read them under. */
    boolean needsYoungerThan(int generation) {
        return stage == Stage.READING
                && (wantsPlan() || hasWaiting())
                && (generation == 0 || generationMin > generation);
    }

    /** Whether a reader may yet have to read a chunk, or to read it again. */
    boolean mayRead() {
        return stage == Stage.READING || stage == Stage.READ;
    }

    SnapshotSplit take(Generation current, String snapshotName) {
        Generation reading = current.inRun(run);
        if (oldestGeneration == null) {
            oldestGeneration = reading;
            if (condition == null && (altered || !schema.hasPrimaryKey())) {
                logFloor = reading;
            }
        }
        PendingChunk chunk = chunks.take(run, current.number());
        String before = reading.number() == oldestGeneration.number() ? null : storage;
        return new SnapshotSplit(schema, chunk.number(), chunk.range(), condition, before, reading, snapshotName);
    }

    /** Takes in a reader's report. */
    void finished(FinishedChunk chunk, long bytes, long millis) {
        chunks.released(chunk.run(), chunk.chunk());
        if (chunk.run() == run && chunks.finish(chunk.chunk())) {
            rows += chunk.rows();
            chunkSizing.read(chunk.rows(), bytes, millis);
        }
        readIfAllIs();
    }

    /** A reader could not open a chunk. */
    void refused(int refusedRun, int chunk) {
        chunks.released(refusedRun, chunk);
        if (refusedRun == run) {
            chunks.putBack(chunk);
        }
        readIfAllIs();
    }

    /**
     * A chunk is no longer with its reader. Also one that was reported finished is unread again: its reader went back to
     * before it read it.
     */
    void back(SnapshotSplit split) {
        chunks.released(split.generation().run(), split.chunk());
        if (split.generation().run() == run && stage.compareTo(Stage.READ) <= 0 && stage != Stage.JOINING) {
            chunks.undo(schema.id(), split.chunk(), split.range());
            enter(Stage.READING);
        } else {
            readIfAllIs();
        }
    }

    /** Rows of an earlier run that still come would be taken for deleted: the run is read when none can. */
    private void readIfAllIs() {
        if (stage == Stage.READING && chunks.isRead()) {
            enter(Stage.READ);
        }
    }

    /** Whether a reader still reads under the generation of that number. */
    boolean holds(int generation) {
        return chunks.holds(generation);
    }

    // ---- checkpoints

    private void enter(Stage next) {
        stage = next;
        stageHeldBy = NEVER;
        sweepRequested = false;
        swept = false;
    }

    void checkpointTaken(long checkpoint) {
        if (stage == Stage.READ || (stage == Stage.SWEEPING && swept)) {
            stageHeldBy = Math.min(stageHeldBy, checkpoint);
        }
    }

    void checkpointCompleted(long checkpoint) {
        if (checkpoint < stageHeldBy) {
            return;
        }
        if (stage == Stage.READ) {
            settle();
        } else if (stage == Stage.SWEEPING) {
            enter(Stage.DONE);
        }
    }

    /** No failure can bring the run's chunks back any more. */
    private void settle() {
        boolean sweeps = run > 1 && condition == null && oldestGeneration != null && schema.hasPrimaryKey();
        enter(sweeps ? Stage.SWEEPING : Stage.DONE);
    }

    /** Whether the log reader is to be asked for the sweep, which counts as asked from now on. */
    boolean takeSweep() {
        if (stage != Stage.SWEEPING || sweepRequested) {
            return false;
        }
        sweepRequested = true;
        return true;
    }

    /** The log reader has emitted the sweep of that run. */
    void swept(int sweptRun) {
        if (stage == Stage.SWEEPING && sweptRun == run && sweepRequested) {
            swept = true;
        }
    }

    /** The log reader went back to before what it was asked for. */
    void logBack() {
        if (stage == Stage.SWEEPING) {
            enter(Stage.SWEEPING);
        }
    }

    // ---- what others see

    TableSchema schema() {
        return schema;
    }

    int run() {
        return run;
    }

    Stage stage() {
        return stage;
    }

    /** Whether nothing is left to do, now or later. */
    boolean isDone() {
        return stage == Stage.DONE && orders.isEmpty();
    }

    /** Whether every row of the run is in a completed checkpoint. */
    boolean settled() {
        return stage.compareTo(Stage.READ) > 0;
    }

    @Nullable
    Generation oldestGeneration() {
        return oldestGeneration;
    }

    @Nullable
    Generation logFloor() {
        return logFloor;
    }

    int waitingCount() {
        return chunks.waitingCount();
    }

    TableStatus status() {
        return new TableStatus(
                schema.id(),
                stage,
                run,
                rows,
                rowsEstimated,
                chunks.plannedCount(),
                chunks.finishedCount(),
                chunks.isComplete());
    }

    TableId id() {
        return schema.id();
    }
}
