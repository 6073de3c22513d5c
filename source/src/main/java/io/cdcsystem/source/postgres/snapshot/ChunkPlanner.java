package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.split.ChunkRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts tables into chunks, by key or by file blocks. The bounds need no snapshot: whatever they are, adjacent ranges
 * cover every row exactly once. Belongs to its connection's thread.
 */
public final class ChunkPlanner {
    /** The last place of a block that a tid can name; above all rows of the block. */
    private static final int LAST_OFFSET = 65535;
    /** Rows of a block where the table was never analyzed. */
    private static final double ROWS_PER_BLOCK_UNKNOWN = 50;

    /** A VACUUM FULL of one table must not hold up the others, whose planning waits behind it. */
    private static final String LOCK_TIMEOUT = "'1s'";

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Connection connection;

    /** Plans through {@code connection}. */
    public ChunkPlanner(Connection connection) {
        this.connection = connection;
    }

    /** See {@link io.cdcsystem.source.database.Database#planChunks}. */
    public @Nullable ChunkPlan plan(TableSchema table, @Nullable ChunkRange after, int rowsPerChunk, int chunksMax) {
        if (rowsPerChunk < 1 || chunksMax < 1) {
            throw new IllegalArgumentException(chunksMax + " chunks of " + rowsPerChunk + " rows");
        }
        if (after != null && after.to() == null) {
            throw new IllegalArgumentException("nothing lies behind the last chunk of " + table.id());
        }
        List<String> start = after == null ? null : after.to();
        try {
            setLockTimeout(LOCK_TIMEOUT);
            try {
                return table.hasPrimaryKey()
                        ? byKey(table, start, rowsPerChunk, chunksMax)
                        : byBlocks(table.id(), start, rowsPerChunk, chunksMax);
            } finally {
                setLockTimeout("DEFAULT");
            }
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return null;
            }
            throw PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, "cutting " + table.id() + " into chunks");
        }
    }

    private void setLockTimeout(String value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout TO " + value);
        }
    }

    private ChunkPlan byKey(TableSchema table, @Nullable List<String> start, int rowsPerChunk, int chunksMax)
            throws SQLException {
        RangeSql sql = RangeSql.of(table);
        List<ChunkRange> ranges = new ArrayList<>();
        List<String> from = start;
        while (ranges.size() < chunksMax) {
            List<String> to = boundary(table.id(), sql, from, rowsPerChunk);
            ranges.add(new ChunkRange(from, to));
            if (to == null) {
                return new ChunkPlan(ranges, true, -1);
            }
            from = to;
        }
        return new ChunkPlan(ranges, false, -1);
    }

    private @Nullable List<String> boundary(TableId id, RangeSql sql, @Nullable List<String> from, int rows)
            throws SQLException {
        // The inner query can run on the key's index alone.
        String query = "SELECT " + sql.asText() + " FROM " + SqlText.table(id) + sql.where(new ChunkRange(from, null))
                + " ORDER BY " + sql.order() + " OFFSET " + (rows - 1) + " LIMIT 1";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            if (!row.next()) {
                return null;
            }
            List<String> values = new ArrayList<>();
            for (int i = 1; i <= sql.columns().size(); i++) {
                values.add(row.getString(i));
            }
            return values;
        }
    }

    private ChunkPlan byBlocks(TableId id, @Nullable List<String> start, int rowsPerChunk, int chunksMax)
            throws SQLException {
        Extent extent = extent(id);
        List<ChunkRange> ranges = new ArrayList<>();
        long step = Math.max(1, (long) (rowsPerChunk / extent.rowsPerBlock()));
        long block = start == null ? 0 : block(start.get(0)) + 1;
        List<String> from = start;
        while (ranges.size() < chunksMax) {
            block += step;
            boolean last = block >= extent.blocks();
            List<String> to = last ? null : List.of("(" + (block - 1) + "," + LAST_OFFSET + ")");
            ranges.add(new ChunkRange(from, to));
            if (last) {
                return new ChunkPlan(ranges, true, -1);
            }
            from = to;
        }
        return new ChunkPlan(ranges, false, -1);
    }

    private static long block(String ctid) {
        return Long.parseLong(ctid.substring(1, ctid.indexOf(',')));
    }

    private Extent extent(TableId id) throws SQLException {
        String sql = "SELECT c.relkind, pg_catalog.pg_relation_size(c.oid)"
                + " / pg_catalog.current_setting('block_size')::bigint, c.relpages, c.reltuples"
                + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, id.schema());
            statement.setString(2, id.name());
            try (ResultSet row = statement.executeQuery()) {
                // A partitioned table has many files and no place in one: it is one chunk.
                if (!row.next() || row.getString(1).equals("p")) {
                    return new Extent(0, ROWS_PER_BLOCK_UNKNOWN);
                }
                long pages = row.getLong(3);
                double tuples = row.getDouble(4);
                double density = pages > 0 && tuples > 0 ? tuples / pages : ROWS_PER_BLOCK_UNKNOWN;
                return new Extent(row.getLong(2), density);
            }
        }
    }

    private record Extent(long blocks, double rowsPerBlock) {}
}
