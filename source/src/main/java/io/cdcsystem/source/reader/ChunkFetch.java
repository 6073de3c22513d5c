package io.cdcsystem.source.reader;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.protocol.RefusalReason;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.List;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.jspecify.annotations.Nullable;

/** Fetches the rows of one chunk after the other. Fetcher thread only. */
final class ChunkFetch implements AutoCloseable {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Database database;
    private final int batchBytesMax;
    private @Nullable ChunkReader reader;
    private long nanos;

    ChunkFetch(Database database, int batchBytesMax) {
        this.database = database;
        this.batchBytesMax = batchBytesMax;
    }

    /** Fetches a batch of the chunk; whether there may be more. */
    boolean fetch(SnapshotSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        try {
            return read(split, fetched);
        } catch (CdcException e) {
            // A condition that somebody sent with a signal must not stop the job, now and after every restart.
            if (split.condition() == null || e.code() != ErrorCode.CONDITION_REJECTED) {
                throw e;
            }
            close();
            fetched.add(
                    split,
                    new ReadBatch.ChunkRefused(RefusalReason.CONDITION_REJECTED, String.valueOf(e.getMessage())));
            return false;
        }
    }

    private boolean read(SnapshotSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        long began = System.nanoTime();
        ChunkReader open = reader;
        if (open == null) {
            nanos = 0;
            ChunkOpening opening = database.readChunk(split);
            if (!(opening instanceof ChunkOpening.Opened opened)) {
                fetched.add(split, refusal(opening));
                return false;
            }
            open = opened.reader();
            reader = open;
        }
        List<SourceEvent> rows = open.next(batchBytesMax);
        nanos += System.nanoTime() - began;
        if (!rows.isEmpty()) {
            fetched.add(split, new ReadBatch.Rows(rows, bytes(rows)));
            return true;
        }
        close();
        fetched.add(split, new ReadBatch.ChunkEnded(nanos / NANOS_PER_MILLI));
        return false;
    }

    private static ReadBatch refusal(ChunkOpening opening) {
        if (opening instanceof ChunkOpening.TableChanged changed) {
            return new ReadBatch.ChunkRefused(RefusalReason.TABLE_CHANGED, changed.why());
        }
        if (opening instanceof ChunkOpening.SnapshotGone gone) {
            return new ReadBatch.ChunkRefused(RefusalReason.SNAPSHOT_GONE, gone.why());
        }
        throw new IllegalStateException("not a refusal: " + opening);
    }

    private static long bytes(List<SourceEvent> rows) {
        long bytes = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i) instanceof RowChange row && row.after() != null) {
                bytes += row.after().length();
            }
        }
        return bytes;
    }

    @Override
    public void close() {
        ChunkReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
