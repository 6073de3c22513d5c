package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.LogProgress;
import io.cdcsystem.source.enumerator.ChunkFinishedEvent;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.metrics.MetricGroup;

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
public final class CdcSourceReader
        extends SingleThreadMultiplexSourceReaderBase<ReadBatch, SourceEvent, CdcSplit, SplitState> {
    /** The gauge that is 1 when every change before the end of the log was emitted ({@code LogEnd.HOLD}), 0 before. */
    public static final String LOG_END_REACHED = "logEndReached";

    /** A chunk is read while the next one is on its way. */
    private static final int REQUESTS_AHEAD = 2;

    private static final long NO_CHECKPOINT = Long.MAX_VALUE;
    private static final long MICROS_PER_MILLI = 1000;

    private final OneFetcher fetcher;
    private final CdcRecordEmitter emitter;
    private final OpenLog log;
    private final CheckpointPositions positions;
    /** With the first checkpoint that holds each. */
    private final Map<FinishedChunk, Long> finished = new LinkedHashMap<>();

    private volatile int generation;

    /** A reader for the task. */
    public static CdcSourceReader create(SourceConfig config, SourceReaderContext context) {
        OpenLog log = new OpenLog();
        OneFetcher fetcher = new OneFetcher(
                () -> new CdcSplitReader(config.database().open(), config, log), context.getConfiguration());
        CdcRecordEmitter emitter = new CdcRecordEmitter(
                context.metricGroup().counter("eventsRead"),
                context.metricGroup().getIOMetricGroup().getNumRecordsInCounter());
        return new CdcSourceReader(fetcher, emitter, log, new CheckpointPositions(config.confirmAt()), context);
    }

    private CdcSourceReader(
            OneFetcher fetcher,
            CdcRecordEmitter emitter,
            OpenLog log,
            CheckpointPositions positions,
            SourceReaderContext context) {
        super(fetcher, emitter, context.getConfiguration(), context);
        this.fetcher = fetcher;
        this.emitter = emitter;
        this.log = log;
        this.positions = positions;
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
            return new LogState(logSplit);
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
                finished.put(chunk.finished(), NO_CHECKPOINT);
                context.sendSourceEventToCoordinator(new ChunkFinishedEvent(chunk.finished()));
                context.sendSplitRequest();
            }
        }
    }

    @Override
    public List<CdcSplit> snapshotState(long checkpoint) {
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
    }

    @Override
    public void notifyNoMoreSplits() {
        fetcher.noMoreSplits();
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
