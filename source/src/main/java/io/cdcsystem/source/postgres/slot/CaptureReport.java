package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.catalog.PublishedTables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline has in its database, for people to look at.
 *
 * @param slot its replication slot; null where there is none
 * @param tables the tables of its publication, as {@code schema.table}
 */
public record CaptureReport(@Nullable Slot slot, List<String> tables) {
    private static final String SLOT = """
            SELECT active, confirmed_flush_lsn::text, wal_status, safe_wal_size,
                   pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                                        ELSE pg_current_wal_lsn() END, restart_lsn)::bigint
            FROM pg_catalog.pg_replication_slots WHERE slot_name = ?""";

    /** Copies the list. */
    public CaptureReport {
        tables = List.copyOf(tables);
    }

    /**
     * The slot as the server sees it.
     *
     * @param active whether a reader is connected
     * @param confirmedLsn up to where the pipeline has confirmed; null before it ever did
     * @param retainedBytes how much log the server keeps for it
     * @param bytesUntilLost how much more log may be written before the server gives it up; null without a limit
     * @param lost whether the server has given it up
     */
    public record Slot(
            boolean active,
            @Nullable String confirmedLsn,
            long retainedBytes,
            @Nullable Long bytesUntilLost,
            boolean lost) {}

    /** Asks the database; blocks. */
    public static CaptureReport read(PostgresConfig config) {
        Connection connection = new PgConnections(config).query();
        try {
            return new CaptureReport(slot(connection, config.slotName()), tables(connection, config));
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "asking for replication slot " + config.slotName());
        } finally {
            PgConnections.close(connection);
        }
    }

    private static @Nullable Slot slot(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SLOT)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                long untilLost = row.getLong(4);
                Long limit = row.wasNull() ? null : Long.valueOf(untilLost);
                return new Slot(
                        row.getBoolean(1), row.getString(2), row.getLong(5), limit, "lost".equals(row.getString(3)));
            }
        }
    }

    private static List<String> tables(Connection connection, PostgresConfig config) throws SQLException {
        return PublishedTables.of(connection, config.database(), config.publicationName()).stream()
                .map(table -> table.schema() + '.' + table.name())
                .toList();
    }
}
