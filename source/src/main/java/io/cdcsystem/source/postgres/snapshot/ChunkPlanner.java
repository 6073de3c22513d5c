package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.KeyColumns;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.catalog.TableFile;
import io.cdcsystem.source.postgres.catalog.TableFiles;
import io.cdcsystem.source.split.ChunkRange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Cuts tables into chunks: by key where an index gives the key's order, else by a configured column, else by file blocks.
 *
 * <p>The bounds need no snapshot: whatever they are, adjacent ranges cover every row exactly once under one snapshot. What
 * would make a range mean other rows later (an altered table, a rewritten file) is found when a chunk is opened, so a
 * table that has changed or gone is planned as one more chunk. Belongs to its connection's thread.
 */
public final class ChunkPlanner {
    /** A VACUUM FULL of one table must not hold up the others, whose planning waits behind it. */
    private static final String BEGIN = "BEGIN READ ONLY; SET LOCAL lock_timeout TO '1s'; SET LOCAL jit TO off;"
            // Each bound has to be a short walk along the index, also where the statistics say otherwise.
            + " SET LOCAL enable_seqscan TO off; SET LOCAL enable_bitmapscan TO off; SET LOCAL enable_sort TO off";

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final Pattern PLAN_ROWS = Pattern.compile("\"Plan Rows\": (\\d+)");
    /** What a condition is trusted to leave out at most, where chunks are sized by the server's guess of it. */
    private static final double SELECTIVITY_MIN = 0.01;

    private final Connection connection;
    private final TableCatalog catalog;

    /** Plans through {@code connection}, which is that of {@code catalog} as well. */
    public ChunkPlanner(Connection connection, TableCatalog catalog) {
        this.connection = connection;
        this.catalog = catalog;
    }

    /** See {@link io.cdcsystem.source.database.Database#planChunks}. */
    public @Nullable ChunkPlan plan(
            TableSchema table,
            @Nullable String condition,
            @Nullable ChunkRange after,
            int rowsPerChunk,
            int chunksMax) {
        if (rowsPerChunk < 1 || chunksMax < 1) {
            throw new IllegalArgumentException(chunksMax + " chunks of " + rowsPerChunk + " rows");
        }
        if (after != null && after.to() == null) {
            throw new IllegalArgumentException("nothing lies behind the last chunk of " + table.id());
        }
        RowFilter filter = RowFilter.of(table.id(), null, condition);
        try {
            execute(BEGIN);
            try {
                filter = RowFilter.of(table.id(), catalog.rowFilter(table.id()), condition);
                return plan(table, filter, after == null ? null : after.to(), rowsPerChunk, chunksMax);
            } finally {
                execute("ROLLBACK");
            }
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return null;
            }
            throw filter.failure(e, "cutting " + table.id() + " into chunks");
        }
    }

    private ChunkPlan plan(
            TableSchema table, RowFilter filter, @Nullable List<String> start, int rowsPerChunk, int chunksMax)
            throws SQLException {
        TableFiles files = files(table.id());
        if (files == null) {
            return rest(start, -1);
        }
        ChunkPlan plan = plan(table, filter, files, start, rowsPerChunk, chunksMax);
        return new ChunkPlan(plan.ranges(), plan.complete(), files.storage(), plan.rowsEstimated());
    }

    private ChunkPlan plan(
            TableSchema table,
            RowFilter filter,
            TableFiles files,
            @Nullable List<String> start,
            int rowsPerChunk,
            int chunksMax)
            throws SQLException {
        long rows = files.rows();
        long matching = filter.isEmpty() ? rows : estimate(files, filter);
        // The bounds need not be exact, and a walk that looks for rare rows would hold up all other calls.
        double selectivity =
                rows > 0 && matching >= 0 ? Math.max(SELECTIVITY_MIN, Math.min(1, (double) matching / rows)) : 1;
        int rowsWalked = (int) Math.min(Integer.MAX_VALUE, rowsPerChunk / selectivity);
        Cut cut = start != null ? Cut.of(start) : choose(table, files);
        if (cut instanceof Cut.ByBlocks) {
            if (files.partitioned() && !files.files().stream().allMatch(ChunkPlanner::isReadable)) {
                return rest(start, matching);
            }
            return BlockPlanner.plan(files, BlockBound.of(start), rowsPerChunk / selectivity, chunksMax, matching);
        }
        List<String> names = cut instanceof Cut.ByColumn column ? List.of(column.name()) : table.primaryKey();
        KeyColumns key = KeyColumns.of(connection, files.oid(), names);
        if (key == null) {
            if (cut instanceof Cut.ByColumn column && start == null) {
                throw unusable(table.id(), column, "there is no such column", null);
            }
            return rest(start, matching);
        }
        KeyOrder order = new KeyOrder(cut, names, key);
        order.findOperators(connection);
        String from = " FROM " + (files.partitioned() ? "" : "ONLY ") + SqlText.table(table.id());
        if (cut instanceof Cut.ByColumn column && start == null) {
            checkOrder(table.id(), column, order, from);
        }
        return byOrder(order, from, start, rowsWalked, chunksMax, matching);
    }

    /** Holds the table's definition as it is until the plan is made; null where the table is gone. */
    private @Nullable TableFiles files(TableId id) throws SQLException {
        try {
            execute("LOCK TABLE ONLY " + SqlText.table(id) + " IN ACCESS SHARE MODE");
        } catch (SQLException e) {
            if (ChunkSession.isMissing(e)) {
                return null;
            }
            throw e;
        }
        return TableFiles.withSizes(connection, id);
    }

    private Cut choose(TableSchema table, TableFiles files) throws SQLException {
        if (table.hasPrimaryKey() && KeyColumns.ordered(connection, files.oid(), table.primaryKey())) {
            return new Cut.ByKey();
        }
        String column = Optional.ofNullable(catalog.selectOf(table.id()))
                .map(TableSelect::chunkKeyColumn)
                .orElse(null);
        return column == null ? new Cut.ByBlocks() : new Cut.ByColumn(column);
    }

    private static boolean isReadable(TableFile file) {
        return file.ordinary() && file.readable();
    }

    private void checkOrder(TableId id, Cut.ByColumn column, KeyOrder order, String from) throws SQLException {
        try {
            execute("SELECT " + order.list() + from + " WHERE " + order.list() + " > NULL ORDER BY 1 LIMIT 0");
        } catch (SQLException e) {
            if ("42883".equals(e.getSQLState())) {
                throw unusable(id, column, "its type has no order", e);
            }
            throw e;
        }
    }

    private static CdcException unusable(TableId id, Cut.ByColumn column, String why, @Nullable Throwable cause) {
        return new CdcException(
                ErrorCode.CONFIG_INVALID,
                "table " + id + " cannot be cut by its configured chunk key column '" + column.name() + "': " + why
                        + "; name another one, or none to cut it by file blocks",
                cause);
    }

    private ChunkPlan byOrder(
            KeyOrder order,
            String table,
            @Nullable List<String> start,
            int rowsPerChunk,
            int chunksMax,
            long rowsEstimated)
            throws SQLException {
        List<ChunkRange> ranges = new ArrayList<>();
        List<String> from = start;
        while (ranges.size() < chunksMax) {
            List<String> to = order.isEndOfValues(from) ? null : boundary(order, table, from, rowsPerChunk);
            ranges.add(new ChunkRange(from, to));
            if (to == null) {
                return new ChunkPlan(ranges, true, null, rowsEstimated);
            }
            from = to;
        }
        return new ChunkPlan(ranges, false, null, rowsEstimated);
    }

    private static String where(String condition) {
        return condition.isEmpty() ? "" : " WHERE " + condition;
    }

    private @Nullable List<String> boundary(KeyOrder order, String table, @Nullable List<String> from, int rows)
            throws SQLException {
        List<String> end = order.nullable() ? order.endOfValues() : null;
        // The inner query can run on the index alone; only its one row is turned into text.
        String query = "SELECT " + order.asText() + " FROM (SELECT " + order.list() + table
                + where(order.condition(new ChunkRange(from, end))) + " ORDER BY " + order.list() + " OFFSET "
                + (rows - 1) + " LIMIT 1) bound";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            if (!row.next()) {
                return end;
            }
            List<String> values = new ArrayList<>();
            for (int i = 1; i <= order.size(); i++) {
                values.add(row.getString(i));
            }
            return order.bound(values);
        }
    }

    private static ChunkPlan rest(@Nullable List<String> start, long rowsEstimated) {
        return new ChunkPlan(List.of(new ChunkRange(start, null)), true, null, rowsEstimated);
    }

    /** How many rows fulfil the condition, as the server guesses. */
    private long estimate(TableFiles files, RowFilter filter) throws SQLException {
        String sql = "EXPLAIN (FORMAT JSON) SELECT FROM " + (files.partitioned() ? "" : "ONLY ")
                + SqlText.table(filter.table()) + filter.where("");
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            Matcher plan = PLAN_ROWS.matcher(row.next() ? row.getString(1) : "");
            return plan.find() ? Long.parseLong(plan.group(1)) : -1;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
