package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.catalog.KeyColumns;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.catalog.TableFile;
import io.cdcsystem.source.postgres.catalog.TableFiles;
import io.cdcsystem.source.postgres.slot.SnapshotSession;
import io.cdcsystem.source.split.SnapshotSplit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A transaction under an imported snapshot, for one chunk after the other. Every table that it has read stays locked
 * against redefinition until it ends, so nothing of the table has to be asked twice. Belongs to one thread.
 */
final class ChunkSession implements AutoCloseable {
    private static final Set<String> IMPORT_REFUSED = Set.of("22023", "42704", "55000");

    private final Connection connection;
    private final String snapshotName;
    private final Visibility visibility;
    private final Map<TableId, TableAtSnapshot> tables = new HashMap<>();
    /** Files that the snapshot was found to see no row of. */
    private final Set<TableFile> empty = new HashSet<>();

    private final Set<TableFile> filled = new HashSet<>();
    private final Map<Ordered, KeyOrder> orders = new HashMap<>();
    private boolean scansTables = true;

    private ChunkSession(Connection connection, SnapshotSplit split) {
        this.connection = connection;
        this.snapshotName = split.snapshotName();
        this.visibility = split.generation().visibility();
    }

    /** Connects, without a transaction yet. */
    static ChunkSession connect(PgConnections connections, SnapshotSplit split) {
        return new ChunkSession(connections.query(), split);
    }

    /** Whether an error says that a table, or its schema, does not exist. */
    static boolean isMissing(SQLException e) {
        return "42P01".equals(e.getSQLState()) || "3F000".equals(e.getSQLState());
    }

    /** Imports the snapshot; says why where it is gone. */
    @Nullable
    String begin() throws SQLException {
        try {
            SnapshotSession.importSnapshot(connection, snapshotName);
        } catch (SQLException e) {
            if (e.getSQLState() != null && IMPORT_REFUSED.contains(e.getSQLState())) {
                return "the snapshot " + snapshotName + " cannot be imported: the session that exported it is gone ("
                        + e.getMessage() + ")";
            }
            throw e;
        }
        // A server that was restarted gives the same names again.
        Visibility imported = Visibility.parse(single("SELECT pg_catalog.pg_current_snapshot()::text"));
        if (!imported.equals(visibility)) {
            return "the snapshot " + snapshotName + " is another one now: it sees " + imported + ", not " + visibility;
        }
        execute("SET LOCAL jit TO off");
        return null;
    }

    /** Whether the split is to be read under this snapshot. */
    boolean serves(SnapshotSplit split) {
        return snapshotName.equals(split.snapshotName())
                && visibility.equals(split.generation().visibility());
    }

    /** Whether someone waits for a lock on what this session has read: then it should end. */
    boolean isAwaited() throws SQLException {
        return single("SELECT EXISTS (SELECT FROM pg_catalog.pg_locks w JOIN pg_catalog.pg_locks h"
                        + " ON h.database = w.database AND h.relation = w.relation"
                        + " WHERE NOT w.granted AND h.granted AND h.pid = pg_catalog.pg_backend_pid())")
                .equals("t");
    }

    /** The server's clock, in microseconds. */
    long clock() throws SQLException {
        return Long.parseLong(single("SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint"));
    }

    /**
     * Locks the split's table, from where on it keeps its definition and files, and compares it with what the chunk was
     * planned for.
     *
     * @param present the catalog in another session, which sees the definitions of now rather than the snapshot's
     * @return why the snapshot does not show the chunk as planned; null where it does
     */
    @Nullable
    String change(Supplier<TableCatalog> present, SnapshotSplit split) throws SQLException {
        TableSchema planned = split.table();
        TableId id = planned.id();
        TableAtSnapshot held = tables.get(id);
        if (held == null) {
            String gone = lock(present.get(), id);
            if (gone != null) {
                return "table " + id + " " + gone;
            }
            held = table(id);
        } else if (held.now().partitioned()) {
            // The lock lets partitions be attached.
            TableFiles now = Objects.requireNonNull(present.get().files(id), "a locked table is gone");
            held = new TableAtSnapshot(held.table(), held.seen(), now);
            tables.put(id, held);
        }
        TableSchema schema = held.table().schema();
        if (!schema.equals(planned)) {
            return "table " + id + " was altered: it was planned as " + names(planned) + " and is " + names(schema);
        }
        if (split.storage() != null && !held.seen().holds(split.storage())) {
            return "table " + id + " was truncated, rewritten or lost a part since others of its chunks were read";
        }
        String change = held.change(split.range(), this::isEmpty);
        if (change != null) {
            return "table " + id + ": " + change;
        }
        Cut cut = Cut.of(split.range());
        if (cut instanceof Cut.ByKey || cut instanceof Cut.ByColumn) {
            return order(present, held.table(), cut);
        }
        return null;
    }

    /** The order of a table that {@link #change} was asked about for a chunk of that cut. */
    KeyOrder order(TableId id, Cut cut) {
        return Objects.requireNonNull(orders.get(new Ordered(id, cut)), "an order that nobody asked for");
    }

    /** A table that {@link #change} was asked about. */
    TableAtSnapshot table(TableId id) {
        return Objects.requireNonNull(tables.get(id), "a table that is not locked");
    }

    /** Keeps the server from reading a whole table for a part of it, as it would where it has no statistics. */
    void scansTables(boolean allowed) throws SQLException {
        if (allowed != scansTables) {
            execute("SET LOCAL enable_seqscan TO " + (allowed ? "on" : "off"));
            scansTables = allowed;
        }
    }

    Connection connection() {
        return connection;
    }

    /** Drops the connection, whatever it waits for. Any thread. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException ignored) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        PgConnections.close(connection);
    }

    private @Nullable String lock(TableCatalog present, TableId id) throws SQLException {
        TableFiles seen;
        try {
            execute("LOCK TABLE ONLY " + SqlText.table(id) + " IN ACCESS SHARE MODE");
            seen = TableFiles.of(connection, id);
            if (seen != null && seen.partitioned()) {
                execute("LOCK TABLE " + SqlText.table(id) + " IN ACCESS SHARE MODE");
            }
        } catch (SQLException e) {
            if (isMissing(e)) {
                return "is gone: it was dropped or renamed";
            }
            throw e;
        }
        TableFiles now = present.files(id);
        if (seen == null || now == null || seen.oid() != now.oid()) {
            return "is not the one that the snapshot sees: it was dropped, and created anew or replaced by another";
        }
        try {
            PgTable table = present.describe(id);
            tables.put(id, new TableAtSnapshot(table, seen, now));
            return null;
        } catch (CdcException e) {
            if (e.code() == ErrorCode.TABLE_MISSING) {
                return "cannot be captured any more: it is a partition now, or not logged";
            }
            throw e;
        }
    }

    private @Nullable String order(Supplier<TableCatalog> present, PgTable table, Cut cut) throws SQLException {
        Ordered ordered = new Ordered(table.schema().id(), cut);
        if (orders.containsKey(ordered)) {
            return null;
        }
        List<String> names = cut instanceof Cut.ByColumn column
                ? List.of(column.name())
                : table.schema().primaryKey();
        KeyColumns key = present.get().keyColumns(table.oid(), names);
        if (key == null || names.isEmpty()) {
            return "table " + ordered.table() + " lost what it is cut by: " + cut;
        }
        KeyOrder order = new KeyOrder(cut, names, key);
        order.findOperators(connection);
        orders.put(ordered, order);
        return null;
    }

    private boolean isEmpty(TableFile file) throws SQLException {
        if (empty.contains(file)) {
            return true;
        }
        if (filled.contains(file)) {
            return false;
        }
        boolean none = single("SELECT NOT EXISTS (SELECT FROM ONLY "
                        + SqlText.table(new TableId("", file.schema(), file.name())) + ")")
                .equals("t");
        (none ? empty : filled).add(file);
        return none;
    }

    private static String names(TableSchema schema) {
        return schema.columns().stream()
                .map(column -> column.name() + " " + column.sourceType() + (column.nullable() ? "" : " NOT NULL"))
                .collect(Collectors.joining(", ", "(", ") with key " + schema.primaryKey()));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String single(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            if (!result.next()) {
                throw new SQLException("no row from " + sql);
            }
            return result.getString(1);
        }
    }

    private record Ordered(TableId table, Cut cut) {}
}
