package io.cdcsystem.source.reader;

import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayDeque;
import java.util.Queue;
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
    private final Database database;
    private final ChunkFetch chunks;
    private final LogFetch log;
    private final Queue<CdcSplit> assigned = new ArrayDeque<>();
    private @Nullable CdcSplit current;

    CdcSplitReader(Database database, SourceConfig config, OpenLog openLog) {
        this.database = database;
        this.chunks = new ChunkFetch(database, config.batchBytesMax());
        this.log = new LogFetch(database, openLog);
    }

    @Override
    public RecordsWithSplitIds<ReadBatch> fetch() {
        CdcSplit split = current == null ? assigned.poll() : current;
        current = split;
        RecordsBySplits.Builder<ReadBatch> fetched = new RecordsBySplits.Builder<>();
        boolean more = true;
        if (split instanceof SnapshotSplit snapshot) {
            more = chunks.fetch(snapshot, fetched);
            if (!more && assigned.isEmpty()) {
                // The next chunk may be long in coming, and what a snapshot sees the server cannot clean up.
                database.releaseSnapshot();
            }
        } else if (split instanceof LogSplit logSplit) {
            more = log.fetch(logSplit, fetched);
        }
        if (split != null && !more) {
            current = null;
            fetched.addFinishedSplit(split.splitId());
        }
        return fetched.build();
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
        log.wakeUp();
    }

    @Override
    public void close() {
        try {
            chunks.close();
            log.close();
        } finally {
            database.close();
        }
    }
}
