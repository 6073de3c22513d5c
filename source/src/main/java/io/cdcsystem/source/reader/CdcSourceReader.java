package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.LogProgress;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SourceReaderBase;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * A task's reader: emits, keeps the splits' state, reports finished chunks, and confirms the log's position.
 *
 * <p>Why a finished chunk stays in the state for a while: the enumerator's part of a checkpoint is taken before the
 * barrier reaches this reader. A chunk whose end lies between the two is unread in the enumerator's part, and no longer
 * read in ours, though its rows are before the barrier. Kept as a {@link FinishedChunk}, it is reported again after a
 * restore. When a checkpoint that holds it completes, the report sent at its end has long reached the enumerator, whose
 * next part knows it; should it ever not, the chunk is read once more, and deduplication drops what is repeated.
 *
 * <p>Task thread only.
 */
@SuppressWarnings("try") // close() is Flink's, and may be interrupted
public final class CdcSourceReader extends SourceReaderBase<ReadBatch, SourceEvent, CdcSplit, SplitState> {
    /** The gauge that is 1 when every change before the end of the log was emitted ({@code LogEnd.HOLD}), 0 before. */
    public static final String LOG_END_REACHED = "logEndReached";

    /** A chunk is read while the next one is on its way. */
    private static final int REQUESTS_AHEAD = 2;

    private static final long NO_CHECKPOINT = Long.MAX_VALUE;
    private static final long MICROS_PER_MILLI = 1000;

    private final ChunkAndLogFetchers fetchers;
    private final CdcRecordEmitter emitter;
    private final OpenLog log;
    private final VersionAdmissions admissions;
    private final @Nullable SchemaGateConfig gate;
    private final CheckpointPositions positions;
    /** With the first checkpoint that holds each. */
    private final Map<FinishedChunk, Long> finished = new LinkedHashMap<>();

    private @Nullable LogState logState;
    private volatile int generation;

    /** A reader for the task. */
    public static CdcSourceReader create(SourceConfig config, SourceReaderContext context) {
        OpenLog log = new OpenLog();
        ChunkAndLogFetchers fetchers = ChunkAndLogFetchers.create(config, log, context.getConfiguration());
        VersionAdmissions admissions = new VersionAdmissions(config.schemaGate() != null);
        CdcRecordEmitter emitter = new CdcRecordEmitter(
                context::sendSourceEventToCoordinator,
                admissions,
                log::pause,
                context.metricGroup().counter("eventsRead"),
                context.metricGroup().getIOMetricGroup().getNumRecordsInCounter());
        return new CdcSourceReader(config, fetchers, emitter, log, admissions, context);
    }

    private CdcSourceReader(
            SourceConfig config,
            ChunkAndLogFetchers fetchers,
            CdcRecordEmitter emitter,
            OpenLog log,
            VersionAdmissions admissions,
            SourceReaderContext context) {
        super(fetchers, emitter, context.getConfiguration(), context);
        this.fetchers = fetchers;
        this.emitter = emitter;
        this.log = log;
        this.admissions = admissions;
        this.gate = config.schemaGate();
        this.positions = new CheckpointPositions(config.confirmAt());
        registerMetrics(context.metricGroup());
    }

    @Override
    public void start() {
        for (int i = 0; i < REQUESTS_AHEAD; i++) {
            context.sendSplitRequest();
        }
    }

    @Override
    protected SplitState initializedState(CdcSplit split) {
        if (split instanceof SnapshotSplit chunk) {
            generation = chunk.generation().number();
            return new ChunkState(chunk);
        }
        if (split instanceof LogSplit logSplit) {
            LogState state = new LogState(logSplit, new LogGate(admissions, gate, logSplit.handedOver()));
            logState = state;
            return state;
        }
        throw new IllegalArgumentException(split + " is nothing to read");
    }

    @Override
    protected CdcSplit toSplitType(String splitId, SplitState state) {
        return state.toSplit();
    }

    @Override
    protected void onSplitFinished(Map<String, SplitState> done) {
        for (SplitState state : done.values()) {
            if (state instanceof ChunkState chunk) {
                ReaderReport.ChunkRefused refusal = chunk.refusal();
                if (refusal == null) {
                    finished.put(chunk.finished(), NO_CHECKPOINT);
                    context.sendSourceEventToCoordinator(chunk.report());
                } else {
                    context.sendSourceEventToCoordinator(refusal);
                }
                context.sendSplitRequest();
            }
        }
    }

    @Override
    public void handleSourceEvents(org.apache.flink.api.connector.source.SourceEvent event) {
        if (event instanceof LogRequest request) {
            log.request(request);
        } else if (event instanceof SchemaReply.Ruled ruling) {
            log.ruled(ruling);
        } else if (event instanceof SchemaReply.Known known) {
            admissions.admit(known.table(), known.admission());
        } else {
            throw new IllegalArgumentException("the enumerator sent " + event);
        }
    }

    @Override
    public List<CdcSplit> snapshotState(long checkpoint) {
        LogState open = logState;
        if (open != null) {
            open.checkpointTaken(checkpoint);
        }
        List<CdcSplit> splits = new ArrayList<>(super.snapshotState(checkpoint));
        for (CdcSplit split : splits) {
            if (split instanceof LogSplit logSplit) {
                positions.taken(checkpoint, logSplit.boundary());
            }
        }
        finished.replaceAll((chunk, first) -> Math.min(first, checkpoint));
        splits.addAll(finished.keySet());
        return splits;
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) throws Exception {
        super.notifyCheckpointComplete(checkpoint);
        positions.completed(checkpoint).ifPresent(log::confirm);
        finished.values().removeIf(first -> first <= checkpoint);
        LogState open = logState;
        if (open != null) {
            open.checkpointCompleted(checkpoint);
        }
    }

    @Override
    public void notifyNoMoreSplits() {
        fetchers.noMoreSplits();
        super.notifyNoMoreSplits();
    }

    private void registerMetrics(MetricGroup group) {
        group.gauge("bytesBehind", () -> log.progress().bytesBehind());
        group.gauge("lastCommitLagMillis", this::lastCommitLagMillis);
        group.gauge("generation", () -> generation);
        group.gauge(LOG_END_REACHED, () -> emitter.hasLogEnded() ? 1 : 0);
        context.metricGroup().setPendingBytesGauge(() -> log.progress().bytesBehind());
    }

    /** Age of the transaction handed over last; 0 before the first. On an idle database it grows: see bytesBehind. */
    private long lastCommitLagMillis() {
        LogProgress progress = log.progress();
        long commit = progress.lastCommitMicros();
        return commit == 0 ? 0 : Math.max(0, System.currentTimeMillis() - commit / MICROS_PER_MILLI);
    }
}
