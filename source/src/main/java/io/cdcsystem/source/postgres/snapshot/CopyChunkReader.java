package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.postgres.BinaryCopy;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.slot.SnapshotSession;
import io.cdcsystem.source.split.SnapshotSplit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads a chunk's rows as they come from a binary COPY under the generation's snapshot. Belongs to one thread. */
public final class CopyChunkReader implements ChunkReader {
    private final Connection connection;
    private final SnapshotSplit split;
    private final BinaryCopy copy;
    private final TransactionInfo transaction;
    private final RowWriter row = new RowWriter();
    private boolean finished;

    private CopyChunkReader(Connection connection, SnapshotSplit split, BinaryCopy copy, TransactionInfo transaction) {
        this.connection = connection;
        this.split = split;
        this.copy = copy;
        this.transaction = transaction;
    }

    /**
     * Opens a session of its own and starts the copy.
     *
     * @param present the catalog in another session, which sees the definitions of now rather than the snapshot's
     */
    public static CopyChunkReader open(PgConnections connections, TableCatalog present, SnapshotSplit split) {
        Connection connection = connections.query();
        boolean opened = false;
        try {
            importSnapshot(connection, split);
            PgTable table = lock(present, connection, split);
            TransactionInfo transaction = transaction(split.generation(), clock(connection));
            BinaryCopy copy = BinaryCopy.start(connection, select(table, split), table.types());
            CopyChunkReader reader = new CopyChunkReader(connection, split, copy, transaction);
            opened = true;
            return reader;
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, "opening " + split.splitId());
        } finally {
            if (!opened) {
                PgConnections.close(connection);
            }
        }
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
            throw PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, "reading " + split.splitId());
        }
    }

    /** Ends the session; the server ends an unfinished copy with it. */
    @Override
    public void close() {
        try {
            copy.close();
        } catch (SQLException ignored) {
            // The connection goes either way, and the copy with it.
        }
        PgConnections.close(connection);
    }

    private static void importSnapshot(Connection connection, SnapshotSplit split) {
        try {
            SnapshotSession.importSnapshot(connection, split.snapshotName());
        } catch (SQLException e) {
            throw new CdcException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "the snapshot " + split.snapshotName() + " of " + split.splitId()
                            + " cannot be imported: the session that exported it is gone (" + e.getMessage()
                            + "); the next attempt reads under a new one",
                    e);
        }
    }

    /** From here on the table keeps its definition, which has to be the one that the split was planned for. */
    private static PgTable lock(TableCatalog present, Connection connection, SnapshotSplit split) throws SQLException {
        TableSchema planned = split.table();
        TableId id = planned.id();
        long fileInSnapshot = Long.parseLong(single(connection, file(id, "c.relfilenode")));
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + SqlText.table(id) + " IN ACCESS SHARE MODE");
        }
        // Asked in another session: this one's snapshot may still see the definition of before.
        PgTable now = present.describe(id);
        if (!now.schema().columns().equals(planned.columns())) {
            throw new CdcException(
                    ErrorCode.TABLE_ALTERED,
                    "table " + id + " was altered while its snapshot was being read: its columns were "
                            + names(planned) + " and are " + names(now.schema())
                            + "; start the pipeline anew for a snapshot of the altered table");
        }
        long file = Long.parseLong(single(connection, file(id, "pg_catalog.pg_relation_filenode(c.oid)")));
        if (!now.partitioned() && file != fileInSnapshot && isEmpty(connection, id)) {
            endGeneration(connection, split);
            throw new CdcException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "table " + id
                            + " was truncated or rewritten while its snapshot was being read, and an older snapshot "
                            + "sees nothing of it; the next attempt reads under a new one");
        }
        return now;
    }

    private static String file(TableId id, String expression) {
        return "SELECT coalesce((SELECT " + expression + "::bigint FROM pg_catalog.pg_class c"
                + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = " + SqlText.literal(id.schema()) + " AND c.relname = "
                + SqlText.literal(id.name()) + "), 0)";
    }

    private static boolean isEmpty(Connection connection, TableId id) throws SQLException {
        return single(connection, "SELECT NOT EXISTS (SELECT FROM ONLY " + SqlText.table(id) + ")")
                .equals("t");
    }

    /** Ends the exporting session, so that the remaining chunks are read under a new snapshot, not this one again. */
    private static void endGeneration(Connection connection, SnapshotSplit split) throws SQLException {
        String[] parts = split.snapshotName().split("-", -1);
        if (parts.length != 3) {
            return;
        }
        String virtual = Long.parseLong(parts[0], 16) + "/" + Long.parseLong(parts[1], 16);
        single(
                connection,
                "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_locks"
                        + " WHERE locktype = 'virtualxid' AND granted AND mode = 'ExclusiveLock' AND virtualxid = "
                        + SqlText.literal(virtual));
    }

    private static String select(PgTable table, SnapshotSplit split) {
        TableSchema schema = table.schema();
        List<String> expressions = new ArrayList<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            String column = SqlText.identifier(schema.columns().get(i).name());
            expressions.add(BinaryCopy.expression(column, table.types().get(i)));
        }
        // Inheriting tables are captured by their own name; partitions under their root.
        return "SELECT " + String.join(", ", expressions) + " FROM " + (table.partitioned() ? "" : "ONLY ")
                + SqlText.table(schema.id())
                + RangeSql.of(split.table()).where(split.range());
    }

    private static TransactionInfo transaction(Generation generation, long micros) {
        return new TransactionInfo(0, generation.position().commit() + 1, 0, micros);
    }

    private static long clock(Connection connection) throws SQLException {
        return Long.parseLong(
                single(connection, "SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint"));
    }

    private static String names(TableSchema schema) {
        return schema.columns().stream()
                .map(column -> column.name() + " " + column.sourceType())
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String single(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            if (!result.next()) {
                throw new SQLException("no row from " + sql);
            }
            return result.getString(1);
        }
    }
}
