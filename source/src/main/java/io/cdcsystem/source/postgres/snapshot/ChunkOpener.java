package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.postgres.BinaryCopy;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.split.SnapshotSplit;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens chunks, and keeps the session of one that was read to its end for the next of the same snapshot: connecting,
 * importing and describing cost more than a small chunk's rows. Used by one thread.
 */
public final class ChunkOpener implements AutoCloseable {
    private final PgConnections connections;
    private @Nullable ChunkSession idle;
    private boolean closed;
    /** The session that was opened last: what another thread may abort. */
    private volatile @Nullable ChunkSession newest;

    /** Opens nothing yet. */
    public ChunkOpener(PgConnections connections) {
        this.connections = connections;
    }

    /**
     * Starts reading a chunk; see {@link io.cdcsystem.source.database.Database#readChunk}.
     *
     * @param present the catalog in another session, which sees the definitions of now rather than the snapshot's
     */
    public ChunkOpening open(Supplier<TableCatalog> present, SnapshotSplit split) {
        RowFilter filter = RowFilter.of(split.table().id(), null, split.condition());
        ChunkSession session = null;
        boolean opened = false;
        try {
            session = reused(split);
            if (session == null) {
                session = ChunkSession.connect(connections, split);
                newest = session;
                String gone = session.begin();
                if (gone != null) {
                    return new ChunkOpening.SnapshotGone(gone);
                }
            }
            String change = session.change(present, split);
            if (change != null) {
                return new ChunkOpening.TableChanged(change);
            }
            filter = RowFilter.of(
                    split.table().id(),
                    session.table(split.table().id()).table().rowFilter(),
                    split.condition());
            ChunkQuery query = ChunkQuery.of(session, split, filter);
            TransactionInfo transaction =
                    new TransactionInfo(0, split.generation().position().commit() + 1, 0, session.clock());
            BinaryCopy copy = BinaryCopy.start(session.connection(), query.sql(), query.types());
            opened = true;
            return new ChunkOpening.Opened(new CopyChunkReader(this, session, split, filter, copy, transaction));
        } catch (SQLException e) {
            throw filter.failure(e, "opening " + split.splitId());
        } finally {
            if (!opened && session != null) {
                session.close();
            }
        }
    }

    /** Takes back a session whose chunk was read to its end. */
    void giveBack(ChunkSession session) {
        if (closed || idle != null) {
            session.close();
        } else {
            idle = session;
        }
    }

    /** Ends whatever the session waits for, with an error. Any thread. */
    public void abort() {
        ChunkSession session = newest;
        if (session != null) {
            session.abort();
        }
    }

    /** Forgets the snapshot and the locks that are held for the next chunk. */
    public void release() {
        ChunkSession session = idle;
        idle = null;
        if (session != null) {
            session.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        release();
    }

    /** The idle session, unless it is of no use for this split or in somebody's way. */
    private @Nullable ChunkSession reused(SnapshotSplit split) {
        ChunkSession session = idle;
        idle = null;
        if (session == null) {
            return null;
        }
        boolean usable = false;
        try {
            usable = session.serves(split) && !session.isAwaited();
            return usable ? session : null;
        } catch (SQLException e) {
            // It broke while it was idle; a new one tells whether the server is to blame.
            return null;
        } finally {
            if (!usable) {
                session.close();
            }
        }
    }
}
