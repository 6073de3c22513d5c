package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's side of {@link SplitAssigner}: turns callbacks into its inputs and its answers into assignments.
 *
 * <p>All methods run on the coordinator's thread. The database is only called within {@code callAsync}, whose one I/O
 * thread runs the calls in order; what they bring back arrives on the coordinator's thread again. A failed call is
 * thrown there, which fails the job with that error, so that Flink's restart strategy decides.
 *
 * <p>Readers do not go on by themselves with the splits of their restored state: they report them when they register
 * ({@code SupportsSplitReassignmentOnRecovery}), because a chunk's database snapshot may be gone. A restored enumerator
 * assigns nothing before every reader has reported, so that no chunk is read again that a reader knows as finished.
 */
public final class CdcEnumerator implements SplitEnumerator<CdcSplit, EnumeratorState> {
    private static final int NOBODY = -1;

    private static final Logger LOG = LoggerFactory.getLogger(CdcEnumerator.class);

    private final SplitEnumeratorContext<CdcSplit> context;
    private final SourceConfig config;
    private final BlockingCalls calls;
    private final SplitAssigner assigner;
    private final boolean restored;
    /** One entry per request, in order; a reader may ask ahead. */
    private final Deque<Integer> requests = new ArrayDeque<>();

    private final Set<Integer> reported = new HashSet<>();
    /** Readers that were told that nothing more comes. */
    private final Set<Integer> dismissed = new HashSet<>();

    private @Nullable GenerationSession session;
    private int logOwner = NOBODY;
    private boolean allReported;
    private boolean logRequired;
    private boolean planning;
    /** Calls under way that must be answered before anything is assigned. */
    private int checks;

    /** An enumerator at the state; {@code database} is its own and closed with it. */
    public CdcEnumerator(
            SplitEnumeratorContext<CdcSplit> context, SourceConfig config, Database database, EnumeratorState state) {
        this.context = context;
        this.config = config;
        this.calls = new BlockingCalls(database, config);
        this.assigner = new SplitAssigner(state);
        this.restored = assigner.phase() != Phase.DISCOVERING;
        this.allReported = !restored;
    }

    @Override
    public void start() {
        registerMetrics(context.metricGroup());
        if (restored) {
            resume();
        } else {
            check(calls::begin, this::begun);
        }
    }

    @Override
    public void addReader(int subtask) {
        forget(subtask);
        reported.add(subtask);
        ReaderInfo reader = context.registeredReaders().get(subtask);
        if (reader != null) {
            takeBack(reader.getReportedSplitsOnRegistration(), subtask);
        }
        if (!allReported && reported.size() >= context.currentParallelism()) {
            allReported = true;
            if (restored && !logRequired) {
                logRequired = true;
                requireLog();
            }
        }
        assign();
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String host) {
        requests.add(subtask);
        assign();
    }

    @Override
    public void addSplitsBack(List<CdcSplit> splits, int subtask) {
        forget(subtask);
        // Flink calls this for every failed reader, with or without splits: what its next attempt restored, and what of
        // these splits it holds itself, is known only when that has registered. Until then nothing is handed out twice.
        reported.remove(subtask);
        allReported = false;
        takeBack(splits, subtask);
        assign();
    }

    @Override
    public void handleSourceEvent(int subtask, SourceEvent event) {
        if (!(event instanceof ChunkFinishedEvent finished)) {
            throw new IllegalArgumentException("reader " + subtask + " sent " + event);
        }
        if (assigner.chunkFinished(finished.chunk())) {
            TableId table = finished.chunk().table();
            LOG.info("Snapshot of {} is read: {} rows", table, assigner.rows(table));
        }
        plan();
        assign();
    }

    @Override
    public EnumeratorState snapshotState(long checkpoint) {
        EnumeratorState state = assigner.state();
        assigner.checkpointTaken(checkpoint);
        return state;
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
        if (assigner.checkpointCompleted(checkpoint)) {
            LOG.info("Every row of the snapshot is in checkpoint {}: the log begins at {}", checkpoint, startToken());
            closeSession();
            assign();
        }
    }

    @Override
    public void close() {
        // Flink has stopped the I/O thread before.
        calls.close();
    }

    private void begun(BlockingCalls.Begun begun) {
        LogStart start = begun.start();
        session = java.util.Objects.requireNonNull(start.session());
        assigner.started(
                start.epoch(),
                start.token(),
                begun.end(),
                begun.tables(),
                session.generation(),
                session.snapshotName());
        LOG.info("Capturing {} from {} on, history {}", assigner.tables(), start.token(), start.epoch());
        plan();
    }

    private void resume() {
        LOG.info(
                "Going on with {}: {}, {} of {} planned chunks read",
                assigner.tables(),
                assigner.phase(),
                assigner.chunksFinishedCount(),
                assigner.chunksPlannedCount());
        call(calls::configured, this::compareTables);
        // The state's end is that of the run that wrote it.
        if (config.logEnd().isBounded()) {
            check(calls::endOfLog, end -> {
                assigner.endAt(end);
                LOG.info("This run ends at {}", end);
            });
        } else {
            assigner.endAt(null);
        }
        if (assigner.phase() == Phase.SNAPSHOTTING) {
            verify(assigner.logStart());
            openGeneration();
            plan();
        } else if (!assigner.logAssigned()) {
            LogSplit returned = assigner.logReturned();
            verify(returned == null ? assigner.logStart() : returned.boundary());
        }
        // Where a reader holds the log, only its report says how far the log was read: verified then.
    }

    private void compareTables(List<TableSchema> configured) {
        List<TableId> added = configured.stream()
                .map(TableSchema::id)
                .filter(table -> !assigner.tables().contains(table))
                .toList();
        if (!added.isEmpty()) {
            LOG.warn(
                    "Not captured: {} are configured, but were not when this pipeline's state began;"
                            + " to capture them, start a pipeline without that state",
                    added);
        }
    }

    /** All of these are to be assigned again; the log only after the server still has it. */
    private void takeBack(List<CdcSplit> splits, int subtask) {
        if (splits.isEmpty()) {
            return;
        }
        assigner.splitsBack(splits);
        GenerationSession open = session;
        if (open != null && splits.stream().anyMatch(SnapshotSplit.class::isInstance)) {
            check(open::isOpen, alive -> {
                if (!alive && session == open) {
                    LOG.info(
                            "The snapshot of generation {} is gone",
                            open.generation().number());
                    closeSession();
                    assigner.generationClosed();
                    openGeneration();
                }
            });
        }
        for (CdcSplit split : splits) {
            if (split instanceof LogSplit log) {
                logOwner = subtask;
                verify(log.boundary());
            }
        }
    }

    /** What the reader's earlier attempt asked for, and was told, is void. */
    private void forget(int subtask) {
        requests.removeIf(waiting -> waiting == subtask);
        dismissed.remove(subtask);
    }

    private void verify(ResumeToken token) {
        SourceEpoch epoch = assigner.epoch();
        check(
                () -> calls.verify(epoch, token),
                verified -> LOG.info("The server still has the log from {} on", verified));
    }

    private void openGeneration() {
        SourceEpoch epoch = assigner.epoch();
        ResumeToken start = assigner.logStart();
        int run = assigner.run();
        int number = assigner.nextGeneration();
        check(() -> calls.openGeneration(epoch, start, run, number), opened -> {
            session = opened;
            assigner.generationOpened(opened.generation(), opened.snapshotName());
            LOG.info("Unread chunks are read under generation {}: {}", number, opened.snapshotName());
        });
    }

    private void plan() {
        if (planning || assigner.phase() != Phase.SNAPSHOTTING) {
            return;
        }
        Optional<PlanRequest> next = assigner.nextPlan();
        if (next.isEmpty()) {
            return;
        }
        planning = true;
        PlanRequest request = next.get();
        if (request.after() == null && request.deferrals() == 0) {
            LOG.info("Snapshot of {} begins", request.table().id());
        }
        call(() -> calls.plan(request), (Optional<ChunkPlan> plan) -> {
            planning = false;
            TableId table = request.table().id();
            plan.ifPresentOrElse(
                    chunks -> assigner.chunksPlanned(table, request.after(), chunks),
                    () -> assigner.planDeferred(table));
            plan();
            assign();
        });
    }

    private void assign() {
        if (!allReported || checks > 0) {
            return;
        }
        if (assigner.logWaits() && !requests.isEmpty() && (logOwner == NOBODY || requests.contains(logOwner))) {
            assignLog();
        }
        while (!requests.isEmpty()) {
            Optional<SnapshotSplit> chunk = assigner.nextChunk();
            if (chunk.isEmpty()) {
                break;
            }
            context.assignSplit(chunk.get(), requests.remove());
        }
        plan();
        if (config.logEnd() == LogEnd.FINISH && assigner.logAssigned()) {
            context.registeredReaders().keySet().forEach(this::dismiss);
        }
    }

    private void assignLog() {
        // Back to where it was: another failure of that reader alone would bring it back once more, and then it must
        // not
        // be read elsewhere. At first to the lowest free subtask, so that its place is predictable.
        int subtask = logOwner != NOBODY
                ? logOwner
                : requests.stream().mapToInt(Integer::intValue).min().orElseThrow();
        requests.removeFirstOccurrence(subtask);
        LogSplit log = assigner.takeLog();
        LOG.info("Reader {} reads the log from {} on", subtask, log.boundary());
        context.assignSplit(log, subtask);
    }

    private void dismiss(int subtask) {
        if (dismissed.add(subtask)) {
            context.signalNoMoreSplits(subtask);
        }
        requests.removeIf(waiting -> waiting == subtask);
    }

    /** A log that nobody holds any more would be a silent end of capture. */
    private void requireLog() {
        if (assigner.logAssigned() && config.logEnd() != LogEnd.FINISH) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    "the restored state says that a reader holds the log, but none of " + reported.size()
                            + " readers does; restore another checkpoint of the same job, and all of its operators");
        }
    }

    private String startToken() {
        return assigner.logStart().toString();
    }

    private void closeSession() {
        GenerationSession open = session;
        session = null;
        if (open != null) {
            call(() -> calls.closeSession(open), number -> LOG.info("Generation {} is closed", number));
        }
    }

    /** A call that must be answered before anything is assigned. */
    private <T> void check(Callable<T> work, Consumer<T> then) {
        checks++;
        call(work, answer -> {
            checks--;
            then.accept(answer);
            assign();
        });
    }

    private <T> void call(Callable<T> work, Consumer<T> then) {
        context.callAsync(work, (answer, error) -> {
            if (error instanceof CdcException known) {
                throw known;
            }
            if (error != null) {
                throw new IllegalStateException("the enumerator's call to the database failed: " + error, error);
            }
            then.accept(answer);
        });
    }

    private void registerMetrics(SplitEnumeratorMetricGroup group) {
        group.gauge("snapshotChunksPlanned", assigner::chunksPlannedCount);
        group.gauge("snapshotChunksFinished", assigner::chunksFinishedCount);
        group.gauge("snapshotTables", () -> assigner.tables().size());
        group.gauge("snapshotTablesFinished", assigner::tablesFinishedCount);
        group.setUnassignedSplitsGauge(assigner::chunksWaitingCount);
    }
}
