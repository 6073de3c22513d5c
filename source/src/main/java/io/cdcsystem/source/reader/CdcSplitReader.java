package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.jspecify.annotations.Nullable;

/**
 * Reads one split at a time, in the order assigned. Fetcher thread only, except {@link #wakeUp()}. Owns its database,
 * opened before the first split that needs it.
 */
final class CdcSplitReader implements SplitReader<ReadBatch, CdcSplit> {
    /** How long an idle log is waited for; the fetcher takes in other work in between. */
    private static final Duration POLL_WAIT_MAX = Duration.ofMillis(500);

    private final Database database;
    private final int batchBytesMax;
    private final boolean holdsAtEnd;
    private final OpenLog openLog;
    private final Queue<CdcSplit> assigned = new ArrayDeque<>();
    private @Nullable CdcSplit current;
    private @Nullable ChunkReader chunk;
    private @Nullable LogReader log;
    private boolean holding;
    /** Ends the wait at the end of the log. */
    private final Semaphore wakeUps = new Semaphore(0);

    CdcSplitReader(Database database, SourceConfig config, OpenLog openLog) {
        this.database = database;
        this.batchBytesMax = config.batchBytesMax();
        this.holdsAtEnd = config.logEnd() == LogEnd.HOLD;
        this.openLog = openLog;
    }

    @Override
    public RecordsWithSplitIds<ReadBatch> fetch() {
        CdcSplit split = current == null ? assigned.poll() : current;
        current = split;
        RecordsBySplits.Builder<ReadBatch> fetched = new RecordsBySplits.Builder<>();
        if (split instanceof SnapshotSplit snapshot) {
            fetchRows(snapshot, fetched);
        } else if (split instanceof LogSplit logSplit) {
            fetchChanges(logSplit, fetched);
        }
        return fetched.build();
    }

    private void fetchRows(SnapshotSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        ChunkReader reader = chunk;
        if (reader == null) {
            ChunkOpening opening = database.readChunk(split);
            if (!(opening instanceof ChunkOpening.Opened opened)) {
                throw new IllegalStateException(split.splitId() + ": " + opening);
            }
            reader = opened.reader();
            chunk = reader;
        }
        List<SourceEvent> rows = reader.next(batchBytesMax);
        if (!rows.isEmpty()) {
            fetched.add(split, new ReadBatch.Rows(rows));
            return;
        }
        chunk = null;
        current = null;
        reader.close();
        fetched.addFinishedSplit(split.splitId());
    }

    private void fetchChanges(LogSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        if (holding) {
            // The log stays open, and its own thread keeps the connection: the last savepoint is still to be confirmed.
            awaitWakeUp();
            return;
        }
        LogReader reader = log;
        if (reader == null) {
            reader = database.readLog(split);
            log = reader;
            openLog.set(reader);
        }
        LogBatch batch = reader.poll(POLL_WAIT_MAX);
        openLog.report(reader.progress());
        if (batch != null) {
            fetched.add(split, new ReadBatch.Changes(batch));
        }
        ResumeToken end = split.end();
        if (end == null || !reader.hasReached(end)) {
            return;
        }
        if (holdsAtEnd) {
            holding = true;
            fetched.add(split, new ReadBatch.LogEnded());
        } else {
            // The reader stays open: the checkpoint that makes the end lasting is still to be confirmed.
            current = null;
            fetched.addFinishedSplit(split.splitId());
        }
    }

    private void awaitWakeUp() {
        try {
            wakeUps.acquire();
            wakeUps.drainPermits();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void handleSplitsChanges(SplitsChange<CdcSplit> change) {
        if (!(change instanceof SplitsAddition<CdcSplit>)) {
            throw new UnsupportedOperationException("splits are only ever added, not " + change);
        }
        assigned.addAll(change.splits());
    }

    @Override
    public void wakeUp() {
        openLog.wakeUp();
        wakeUps.release();
    }

    @Override
    public void close() {
        openLog.set(null);
        ChunkReader openedChunk = chunk;
        LogReader openedLog = log;
        chunk = null;
        log = null;
        try {
            if (openedChunk != null) {
                openedChunk.close();
            }
            if (openedLog != null) {
                openedLog.close();
            }
        } finally {
            database.close();
        }
    }
}
