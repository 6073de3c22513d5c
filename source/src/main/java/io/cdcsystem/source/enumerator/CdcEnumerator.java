package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.OpenTransactions;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's side of {@link SplitAssigner}: turns callbacks into its inputs and its answers into assignments.
 *
 * <p>All methods run on the coordinator's thread. The database is only called through {@link AsyncCalls}, the schema
 * authority through {@link AuthorityThread}.
 *
 * <p>Readers do not go on by themselves with the splits of their restored state: they report them when they register
 * ({@code SupportsSplitReassignmentOnRecovery}), because a chunk's database snapshot may be gone. A restored enumerator
 * assigns nothing before every reader has reported, so that no chunk is read again that a reader knows as finished.
 */
public final class CdcEnumerator implements SplitEnumerator<CdcSplit, EnumeratorState> {
    private static final Duration TICK = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(CdcEnumerator.class);

    private final SplitEnumeratorContext<CdcSplit> context;
    private final SourceConfig config;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final SplitAssigner assigner;
    private final SnapshotSessions sessions;
    private final Readers readers;
    private final LogLine log;
    private final TableJoins joins;
    private final ReplacedTables replaced;
    private final SignalDesk signals;
    private final CaptureBeginning beginning;
    private final ChunkRefusals refusals;
    private final SchemaDesk schemas;
    private final SnapshotMetrics metrics;
    private final SnapshotProgress progress;
    private final boolean restored;

    private boolean logRequired;
    /** Whether the log was read to the end that this run has. */
    private boolean logEnded;

    private boolean planning;
    /** What the next tick asks the database: set here, read by the I/O thread. */
    private volatile @Nullable OpenTransactions awaited;

    private volatile long channelOffset;

    /** An enumerator at the state; {@code database} is its own and closed with it. */
    public CdcEnumerator(
            SplitEnumeratorContext<CdcSplit> context,
            SourceConfig config,
            Database database,
            EnumeratorState state,
            SnapshotMetrics metrics) {
        this(context, config, database, state, metrics, System::nanoTime);
    }

    /** The same with another clock, of nanoseconds. */
    CdcEnumerator(
            SplitEnumeratorContext<CdcSplit> context,
            SourceConfig config,
            Database database,
            EnumeratorState state,
            SnapshotMetrics metrics,
            LongSupplier nanoTime) {
        this.context = context;
        this.config = config;
        this.calls = new BlockingCalls(database, config);
        this.async = new AsyncCalls(context, this::goOn);
        this.assigner = new SplitAssigner(
                state,
                config.snapshot().chunkSize(),
                config.snapshot().chunkTargetTime().toMillis());
        this.sessions =
                new SnapshotSessions(assigner, calls, async, config.snapshot().generationMaxAge(), nanoTime);
        this.restored = assigner.phase() != Phase.DISCOVERING;
        this.readers = new Readers(config.snapshot().threadsMax(), restored);
        this.log = new LogLine(context, assigner, calls, async);
        this.joins = new TableJoins(assigner, calls, async, log);
        this.replaced = new ReplacedTables(assigner, calls, async, joins, nanoTime);
        this.signals = new SignalDesk(assigner, calls, async, joins, log);
        this.beginning = new CaptureBeginning(config, assigner, calls, async, sessions, joins, replaced, signals, log);
        this.refusals = new ChunkRefusals(assigner, calls, async, sessions);
        SchemaGateConfig gate = config.schemaGate();
        AuthorityThread authority = gate == null ? null : new AuthorityThread(context, gate.authority());
        this.schemas =
                new SchemaDesk(context, authority, new AdmittedVersions(state.versions(), state.left()), this::goOn);
        this.metrics = metrics;
        this.progress = new SnapshotProgress(nanoTime);
        this.channelOffset = assigner.signals().channelOffset();
    }

    @Override
    public void start() {
        metrics.register(context.metricGroup());
        if (restored) {
            beginning.resume();
        } else {
            beginning.begin();
        }
        async.every(TICK, this::askAgain, this::answered);
    }

    @Override
    public void addReader(int subtask) {
        readers.registered(subtask);
        schemas.failed(subtask);
        ReaderInfo reader = context.registeredReaders().get(subtask);
        if (reader != null) {
            takeBack(reader.getReportedSplitsOnRegistration(), subtask);
        }
        if (readers.allReported(context.currentParallelism()) && restored && !logRequired) {
            logRequired = true;
            requireLog();
        }
        goOn();
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String host) {
        readers.asked(subtask);
        goOn();
    }

    @Override
    public void addSplitsBack(List<CdcSplit> splits, int subtask) {
        // Flink calls this for every failed reader, with or without splits: what its next attempt restored, and what of
        // these splits it holds itself, is known only when that has registered. Until then nothing is handed out twice.
        readers.failed(subtask);
        log.failed(subtask);
        schemas.failed(subtask);
        takeBack(splits, subtask);
        goOn();
    }

    @Override
    public void handleSourceEvent(int subtask, SourceEvent event) {
        if (event instanceof ReaderReport.ChunkFinished finished) {
            readers.gaveBack(subtask);
            refusals.chunkRead();
            assigner.chunkFinished(finished.chunk(), finished.bytes(), finished.millis());
        } else if (event instanceof ReaderReport.ChunkRefused refused) {
            readers.gaveBack(subtask);
            refusals.refused(refused);
        } else if (event instanceof ReaderReport.TablesCaptured captured) {
            log.captured(captured.revision());
        } else if (event instanceof ReaderReport.TableSwept swept) {
            assigner.tables().swept(swept.table(), swept.run());
        } else if (event instanceof ReaderReport.LogEndReached) {
            logEnded = true;
        } else if (event instanceof ReaderReport.SignalArrived arrived) {
            signals.arrived(arrived.signal());
        } else if (event instanceof ReaderReport.VersionAsked asked) {
            joins.changing(asked.change());
            schemas.asked(subtask, asked);
        } else if (event instanceof ReaderReport.VersionWithdrawn withdrawn) {
            schemas.withdrawn(subtask, withdrawn);
        } else {
            throw new IllegalArgumentException("reader " + subtask + " sent " + event);
        }
        goOn();
    }

    @Override
    public EnumeratorState snapshotState(long checkpoint) {
        EnumeratorState state = assigner.state().with(schemas.admitted());
        assigner.checkpointTaken(checkpoint);
        return state;
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
        if (assigner.checkpointCompleted(checkpoint)) {
            LOG.info(
                    "Every row of the snapshot is in checkpoint {}: the log begins at {}",
                    checkpoint,
                    assigner.logStart());
        }
        goOn();
    }

    @Override
    public void close() {
        schemas.close();
        // Flink has stopped the I/O thread before.
        calls.close();
    }

    // ---- readers

    /** All of these are to be assigned again; the log only after the server still has it. */
    private void takeBack(List<CdcSplit> splits, int subtask) {
        if (splits.isEmpty()) {
            return;
        }
        assigner.splitsBack(splits);
        if (splits.stream().anyMatch(SnapshotSplit.class::isInstance)) {
            sessions.examine();
        }
        for (CdcSplit split : splits) {
            if (split instanceof LogSplit returned
                    && returned.epoch().number() == assigner.epoch().number()) {
                log.belongsTo(subtask);
                logEnded = false;
                returned.signals().forEach(signals::arrived);
                beginning.verify(returned.boundary());
            }
        }
    }

    /** A log that nobody holds any more would be a silent end of capture. */
    private void requireLog() {
        if (assigner.logAssigned() && config.logEnd() == LogEnd.FINISH) {
            // The run had ended when the state was written.
            logEnded = true;
            return;
        }
        if (assigner.logAssigned()) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    "the restored state says that a reader holds the log, but none of "
                            + context.currentParallelism()
                            + " readers does; restore another checkpoint of the same job, and all of its operators");
        }
    }

    // ---- going on

    /** Everything that can be done next is begun: called whenever something has changed. */
    private void goOn() {
        if (assigner.phase() == Phase.DISCOVERING) {
            return;
        }
        joins.advance();
        awaited = joins.awaited();
        channelOffset = assigner.signals().channelOffset();
        sessions.tend();
        plan();
        if (async.allChecked() && readers.allReported(context.currentParallelism())) {
            assign();
        }
    }

    private void assign() {
        Set<Integer> alive = context.registeredReaders().keySet();
        if (!snapshotOnly() && assigner.logWaits()) {
            readers.nextForLog(log.hasOwner() ? log.owner() : Readers.ANY, alive)
                    .ifPresent(this::assignLog);
        }
        for (Optional<Integer> reader = readers.nextForChunk(alive);
                reader.isPresent();
                reader = readers.nextForChunk(alive)) {
            Optional<SnapshotSplit> chunk = assigner.nextChunk(schemas::admits);
            if (chunk.isEmpty()) {
                break;
            }
            readers.gotChunk(reader.get());
            schemas.tell(reader.get(), chunk.get().table());
            context.assignSplit(chunk.get(), reader.get());
        }
        log.sweep();
        boolean through = snapshotOnly()
                ? assigner.phase() != Phase.SNAPSHOTTING
                : config.logEnd() == LogEnd.FINISH
                        && logEnded
                        && assigner.tables().areDone();
        if (through) {
            log.finish();
            context.registeredReaders().keySet().forEach(subtask -> {
                if (readers.dismiss(subtask)) {
                    context.signalNoMoreSplits(subtask);
                }
            });
        }
    }

    private void assignLog(int subtask) {
        LogSplit split = assigner.takeLog();
        readers.gotLog(subtask);
        log.assigned(subtask);
        schemas.tell(subtask, split.tables());
        LOG.info("Reader {} reads the log from {} on", subtask, split.boundary());
        context.assignSplit(split, subtask);
        joins.advance();
    }

    private void plan() {
        if (planning) {
            return;
        }
        Optional<PlanRequest> next = assigner.nextPlan();
        if (next.isEmpty()) {
            return;
        }
        planning = true;
        PlanRequest request = next.get();
        TableId table = request.table().id();
        if (request.after() == null && request.deferrals() == 0) {
            LOG.info("Snapshot of {} begins, run {}", table, request.run());
        }
        async.attempt(
                () -> calls.plan(request),
                (Optional<ChunkPlan> plan) -> {
                    planning = false;
                    plan.ifPresentOrElse(
                            chunks -> assigner.chunksPlanned(request, chunks), () -> assigner.planDeferred(table));
                },
                error -> {
                    planning = false;
                    refusals.planRefused(request, error);
                });
    }

    private boolean snapshotOnly() {
        return config.snapshot().mode() == SnapshotMode.INITIAL_ONLY;
    }

    // ---- what has to be asked for again and again

    private record Asked(@Nullable OpenTransactions ended, BlockingCalls.Polled polled) {}

    /** I/O thread. */
    private Asked askAgain() {
        OpenTransactions open = awaited;
        return new Asked(open != null && open.haveEnded() ? open : null, calls.poll(channelOffset));
    }

    private void answered(Asked asked) {
        if (assigner.phase() == Phase.DISCOVERING) {
            return;
        }
        OpenTransactions ended = asked.ended();
        if (ended != null) {
            joins.ended(ended);
        }
        signals.polled(asked.polled());
        // A bounded run may have read its log to the end: what is published now would never come with it.
        if (!snapshotOnly() && !config.logEnd().isBounded()) {
            replaced.lookIfDue();
        }
        report();
    }

    private void report() {
        schemas.keepChunks(assigner.tables().readVersions());
        progress.update(sessions.number(), assigner.tables().statuses());
        progress.dueLines().forEach(LOG::info);
        metrics.publish(new SnapshotMetrics.View(
                sessions.number(),
                assigner.tables().isPaused(),
                assigner.tables().chunksWaitingCount(),
                progress.tables(),
                schemas.waiting()));
    }
}
