package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.postgres.BinaryCopy;
import io.cdcsystem.source.split.SnapshotSplit;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads a chunk's rows as they come from a binary COPY under the generation's snapshot. Belongs to one thread. */
final class CopyChunkReader implements ChunkReader {
    private final ChunkOpener opener;
    private final ChunkSession session;
    private final SnapshotSplit split;
    private final RowFilter filter;
    private final BinaryCopy copy;
    private final TransactionInfo transaction;
    private final RowWriter row = new RowWriter();
    private boolean finished;
    private boolean closed;

    /** Reads {@code copy}, which was started in {@code session}. */
    CopyChunkReader(
            ChunkOpener opener,
            ChunkSession session,
            SnapshotSplit split,
            RowFilter filter,
            BinaryCopy copy,
            TransactionInfo transaction) {
        this.opener = opener;
        this.session = session;
        this.split = split;
        this.filter = filter;
        this.copy = copy;
        this.transaction = transaction;
    }

    @Override
    public List<SourceEvent> next(int bytesMax) {
        List<SourceEvent> events = new ArrayList<>();
        try {
            long bytes = 0;
            while (!finished && bytes < bytesMax) {
                if (!copy.next(row)) {
                    finished = true;
                    break;
                }
                Row read = row.finish();
                bytes += read.length();
                events.add(new RowChange(
                        split.table(),
                        Op.READ,
                        null,
                        read,
                        split.generation().position(),
                        transaction,
                        transaction.commit(),
                        split.generation()));
            }
            return events;
        } catch (SQLException e) {
            throw filter.failure(e, "reading " + split.splitId());
        }
    }

    /** Leaves the session to the next chunk, or ends it where this one was not read to its end. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (finished) {
            opener.giveBack(session);
            return;
        }
        try {
            copy.close();
        } catch (SQLException ignored) {
            // The connection goes either way, and the copy with it.
        }
        session.close();
    }
}
