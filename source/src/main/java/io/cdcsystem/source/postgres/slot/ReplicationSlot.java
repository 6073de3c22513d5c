package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.regex.Pattern;
import org.postgresql.replication.LogSequenceNumber;

/** The configured logical replication slot. Stateless between calls; belongs to one thread. */
public final class ReplicationSlot {
    private static final Pattern VALID = Pattern.compile("[a-z0-9_]{1,63}");

    private final PgConnections connections;
    private final String name;
    private final String database;

    /** The slot that {@code connections}' configuration names; an invalid name is refused here. */
    public ReplicationSlot(PgConnections connections) {
        this.connections = connections;
        this.name = connections.config().slotName();
        this.database = connections.config().database();
        if (!isValid(name)) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "'" + name
                            + "' cannot name a replication slot; use 1 to 63 lower-case letters, digits and underscores");
        }
    }

    /** Whether PostgreSQL accepts a slot of that name. */
    public static boolean isValid(String name) {
        return VALID.matcher(name).matches();
    }

    /** How it stands now; empty where there is none. */
    public Optional<SlotState> state(Connection connection) throws SQLException {
        // conflicting and invalidation_reason came later; wal_status says "lost" for all reasons but conflicts.
        int version = PgConnections.serverVersion(connection);
        String reason = version >= 170000 ? "invalidation_reason" : "NULL::text";
        String sql = "SELECT plugin, database, coalesce(active_pid, 0), confirmed_flush_lsn::text, wal_status, "
                + reason + " FROM pg_catalog.pg_replication_slots WHERE slot_name = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String lsn = row.getString(4);
                String walStatus = row.getString(5);
                String why = row.getString(6);
                boolean lost = "lost".equals(walStatus) || why != null;
                return Optional.of(new SlotState(
                        name,
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        lsn == null ? 0 : LogSequenceNumber.valueOf(lsn).asLong(),
                        lost,
                        lost ? (why != null ? why : "wal_status is lost") : null));
            }
        }
    }

    /**
     * How it stands now, where a position is to be read on from: a slot that was dropped or invalidated has lost it
     * ({@code POSITION_LOST}), one that cannot be read by this pipeline is {@code SLOT_UNUSABLE}.
     */
    public SlotState require(Connection connection) throws SQLException {
        SlotState state = state(connection)
                .orElseThrow(() -> new CdcException(
                        ErrorCode.POSITION_LOST,
                        "replication slot " + name + " was dropped, and the log behind the stored "
                                + "position with it; restart with snapshot.mode: when_needed, which reads all tables "
                                + "again"));
        state.obstacle(database).ifPresent(found -> {
            boolean positionLost = state.lost() && state.isFor(database);
            throw (positionLost ? found.as(ErrorCode.POSITION_LOST) : found).toException();
        });
        return state;
    }

    /**
     * Creates it through a walsender connection, whose next command would end the exported snapshot. Waits for the
     * transactions that are under way.
     */
    public Created create(Connection replication) {
        String sql = "CREATE_REPLICATION_SLOT " + SqlText.identifier(name) + " LOGICAL pgoutput EXPORT_SNAPSHOT";
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new SQLException("the server did not say where the slot begins");
            }
            return new Created(
                    LogSequenceNumber.valueOf(row.getString("consistent_point")).asLong(),
                    row.getString("snapshot_name"));
        } catch (SQLException e) {
            String state = e.getSQLState();
            if ("53400".equals(state)) {
                throw new CdcException(
                        ErrorCode.SETTING_UNUSABLE,
                        "creating replication slot " + name + " failed: " + e.getMessage()
                                + "; drop a slot that nobody needs (SELECT slot_name, active FROM pg_replication_slots), "
                                + "or raise the limit: ALTER SYSTEM SET max_replication_slots = 20; and restart the server",
                        e);
            }
            if ("42710".equals(state)) {
                throw new CdcException(
                        ErrorCode.DATABASE_UNREACHABLE,
                        "replication slot " + name
                                + " was created by somebody else at the same moment, maybe by an earlier "
                                + "attempt of this pipeline; trying again takes it up",
                        e);
            }
            if ("42501".equals(state)) {
                throw new CdcException(
                        ErrorCode.PRIVILEGE_MISSING,
                        "creating replication slot " + name + " failed: " + e.getMessage() + "; run: ALTER ROLE "
                                + SqlText.identifier(connections.config().username()) + " REPLICATION;",
                        e);
            }
            throw PgFailures.of(e, ErrorCode.SLOT_UNUSABLE, "creating replication slot " + name);
        }
    }

    /** Has the server forget it, and the log it keeps with it. */
    public void drop(Connection connection) throws SQLException {
        SnapshotBound.single(connection, "SELECT pg_catalog.pg_drop_replication_slot(" + SqlText.literal(name) + ")");
    }

    /** That there is none, where one is needed to read the log from a given position on. */
    public Obstacle absent() {
        return new Obstacle(
                ErrorCode.POSITION_LOST,
                name,
                "there is no replication slot " + name
                        + ", without which the server keeps no log from snapshot.position on",
                "create it before the position is noted: SELECT pg_create_logical_replication_slot("
                        + SqlText.literal(name) + ", 'pgoutput'); or choose another snapshot.mode");
    }

    /** The server's history, asked through a walsender connection of its own. */
    public static String identify(PgConnections connections) {
        Connection replication = connections.replication();
        try {
            return identify(replication);
        } finally {
            PgConnections.close(replication);
        }
    }

    /** The server's history as {@link #identify} gives it, for a role without REPLICATION. */
    public static String identifyByFunctions(Connection connection) {
        try {
            String file = SnapshotBound.single(
                    connection, "SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn())");
            return SnapshotBound.single(connection, "SELECT system_identifier FROM pg_catalog.pg_control_system()")
                    + "/" + Integer.parseUnsignedInt(file.substring(0, 8), 16);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "identifying the server");
        }
    }

    /** The server's history: {@code systemIdentifier/timeline}; asked before a slot is created, never after. */
    public static String identify(Connection replication) {
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            if (!row.next()) {
                throw new SQLException("the server did not identify itself");
            }
            return row.getString("systemid") + "/" + row.getInt("timeline");
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "identifying the server");
        }
    }

    /**
     * What creating a slot gave.
     *
     * @param consistentPoint every transaction that commits from here on is decoded, none before
     * @param snapshotName the exported snapshot that sees exactly what committed before
     */
    public record Created(long consistentPoint, String snapshotName) {}
}
