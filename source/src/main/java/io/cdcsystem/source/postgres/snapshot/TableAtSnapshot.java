package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableFile;
import io.cdcsystem.source.postgres.catalog.TableFiles;
import io.cdcsystem.source.split.ChunkRange;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table that a session holds locked, with its files as the snapshot sees them and as they are now.
 *
 * <p>TRUNCATE and a rewriting ALTER put rows aside that an older snapshot should see; VACUUM FULL and CLUSTER keep them,
 * but move them to other blocks. All give the table another file.
 *
 * @param table its definition, which stays as long as the lock
 * @param seen its files under the snapshot
 * @param now its files now
 */
record TableAtSnapshot(PgTable table, TableFiles seen, TableFiles now) {

    /** Asks the session whether its snapshot sees no row of a file. */
    interface Emptiness {
        boolean isEmpty(TableFile file) throws SQLException;
    }

    /** What keeps the snapshot from showing the chunk's rows, each once; null where nothing does. */
    @Nullable
    String change(ChunkRange range, Emptiness snapshot) throws SQLException {
        boolean byBlocks = Cut.of(range) instanceof Cut.ByBlocks;
        String moved = byBlocks ? moved(BlockBound.of(range.from())) : null;
        if (moved == null && byBlocks) {
            moved = moved(BlockBound.of(range.to()));
        }
        if (moved != null) {
            return moved;
        }
        for (TableFile then : byBlocks ? within(range, seen) : seen.files()) {
            TableFile file = now.file(then.oid()).orElse(null);
            if (file == null) {
                return then.name() + " was detached or dropped";
            }
            if (file.file() == then.file()) {
                continue;
            }
            if (byBlocks) {
                return file.name() + " was truncated or rewritten, and its rows are no longer where they were";
            }
            if (!file.readable() || snapshot.isEmpty(file)) {
                return file.name() + " was truncated or rewritten, and the snapshot sees nothing of it";
            }
        }
        for (TableFile file : now.files()) {
            boolean attached = seen.file(file.oid()).isEmpty();
            // A new partition's rows are all in the log; those of a table that became one may not be.
            if (attached && file.readable() && !snapshot.isEmpty(file)) {
                return file.name() + " was attached with rows";
            }
        }
        return null;
    }

    /** The files that a range of blocks touches. */
    static List<TableFile> within(ChunkRange range, TableFiles files) {
        BlockBound from = BlockBound.of(range.from());
        BlockBound to = BlockBound.of(range.to());
        List<TableFile> touched = new ArrayList<>();
        for (TableFile file : files.files()) {
            boolean above =
                    from == null || file.oid() > from.relation() || (file.oid() == from.relation() && !from.isEnd());
            if (above && (to == null || file.oid() <= to.relation())) {
                touched.add(file);
            }
        }
        return touched;
    }

    /** A bound's block means something in its own file only, also where the whole generation reads another. */
    private @Nullable String moved(@Nullable BlockBound bound) {
        if (bound == null || bound.isEnd()) {
            return null;
        }
        TableFile file = now.file(bound.relation()).orElse(null);
        if (file == null) {
            return seen.file(bound.relation()).map(TableFile::name).orElse("the relation with oid " + bound.relation())
                    + " was detached or dropped";
        }
        return file.file() == bound.file()
                ? null
                : file.name() + " was truncated or rewritten since it was cut into chunks";
    }
}
