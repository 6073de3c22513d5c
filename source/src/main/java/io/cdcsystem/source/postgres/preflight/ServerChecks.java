package io.cdcsystem.source.postgres.preflight;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.PgTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.replication.LogSequenceNumber;

/** Checks of the server and the role that preflight and a start share; belongs to the connection's thread. */
public final class ServerChecks {
    private static final int OLDEST_VERSION = 140000;

    private final Connection connection;
    private final String role;

    /** Checks through {@code connection}, for the role that it is opened with. */
    public ServerChecks(Connection connection, String role) {
        this.connection = connection;
        this.role = role;
    }

    /** What keeps any pipeline from running on this server: version, standby, wal_level, the role. */
    public List<Obstacle> obstacles() throws SQLException {
        List<Obstacle> found = snapshotObstacles();
        walLevel().ifPresent(found::add);
        replicationPrivilege().ifPresent(found::add);
        return found;
    }

    /** What keeps even a pipeline that reads no log from running on this server: version, standby. */
    public List<Obstacle> snapshotObstacles() throws SQLException {
        List<Obstacle> found = new ArrayList<>();
        version().ifPresent(found::add);
        standby().ifPresent(found::add);
        return found;
    }

    /** Whether a slot and a walsender are left over for us. */
    public List<Obstacle> headroom(boolean slotExists) throws SQLException {
        List<Obstacle> found = new ArrayList<>();
        if (!slotExists) {
            full("max_replication_slots", "SELECT count(*) FROM pg_catalog.pg_replication_slots", 1, "slots")
                    .ifPresent(found::add);
        }
        full("max_wal_senders", "SELECT count(*) FROM pg_catalog.pg_stat_replication", 1, "walsenders")
                .ifPresent(found::add);
        return found;
    }

    /** Whether the role may read the table. */
    public Optional<Obstacle> select(PgTable table) throws SQLException {
        TableId id = table.schema().id();
        String sql = "SELECT has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT') OR"
                + " (SELECT bool_and(has_column_privilege(c.oid, a.attnum, 'SELECT')) FROM pg_catalog.pg_attribute a"
                + "   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"
                + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, table.oid());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String to = " TO " + SqlText.identifier(role) + ";";
                String usage = "GRANT USAGE ON SCHEMA " + SqlText.identifier(id.schema()) + to;
                String select = "GRANT SELECT ON TABLE " + SqlText.table(id) + to;
                boolean mayUse = row.getBoolean(1);
                boolean mayRead = row.getBoolean(2);
                return mayUse && mayRead
                        ? Optional.empty()
                        : Optional.of(new Obstacle(
                                ErrorCode.PRIVILEGE_MISSING,
                                id.toString(),
                                "role " + role + " may not read " + id,
                                mayUse ? select : mayRead ? usage : usage + " " + select));
            }
        }
    }

    /** Whether the server takes the row filter that the table is to be read with. */
    public Optional<Obstacle> rowFilter(PgTable table) {
        if (table.rowFilter() == null) {
            return Optional.empty();
        }
        TableId id = table.schema().id();
        // Planned, not run.
        try (Statement statement = connection.createStatement()) {
            statement.execute("EXPLAIN SELECT FROM " + SqlText.table(id) + " WHERE (" + table.rowFilter() + ")");
            return Optional.empty();
        } catch (SQLException e) {
            return Optional.of(new Obstacle(
                    ErrorCode.CONFIG_INVALID,
                    id.toString(),
                    "the server does not take the condition " + table.rowFilter() + " for rows of " + id + " ("
                            + e.getMessage() + ")",
                    "correct snapshot.select's where of the table"));
        }
    }

    /** What {@code snapshot.select} says of tables that are not captured. */
    public static Optional<Obstacle> selectedElsewhere(List<TableSelect> select, List<PgTable> captured) {
        List<String> names =
                captured.stream().map(table -> table.schema().id().toString()).toList();
        List<String> elsewhere = select.stream()
                .map(TableSelect::table)
                .filter(table -> !names.contains(table))
                .toList();
        return elsewhere.isEmpty()
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.CONFIG_INVALID,
                        "snapshot.select",
                        "snapshot.select speaks of " + String.join(", ", elsewhere) + ", which is not captured",
                        "add it to source.tables, correct its name, or take it out of snapshot.select"));
    }

    /** Whether a change tells which key it concerns: an update that moves a row would else leave the old key behind. */
    public Optional<Obstacle> keyLogged(PgTable table) {
        TableId id = table.schema().id();
        return table.keyLogged()
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.SETTING_UNUSABLE,
                        id.toString(),
                        "the replica identity of " + id + " is an index that lacks columns of the key "
                                + table.schema().primaryKey()
                                + ": the log would not say which key an update or delete had",
                        "ALTER TABLE " + SqlText.table(id) + " REPLICA IDENTITY DEFAULT;"));
    }

    /** Where the server's log ends for readers. */
    public long endOfLog() throws SQLException {
        return LogSequenceNumber.valueOf(single("SELECT pg_catalog.pg_current_wal_flush_lsn()::text"))
                .asLong();
    }

    /** Whether the role could create a publication for the table: it owns the table. */
    public boolean owns(PgTable table) throws SQLException {
        String sql = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class WHERE oid = " + table.oid();
        return single(sql).equals("t");
    }

    /** Whether the role may create publications in this database. */
    public boolean mayCreateInDatabase() throws SQLException {
        return single("SELECT has_database_privilege(current_database(), 'CREATE')")
                .equals("t");
    }

    private Optional<Obstacle> version() throws SQLException {
        return PgConnections.serverVersion(connection) >= OLDEST_VERSION
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.SETTING_UNUSABLE,
                        "server_version",
                        "the server is PostgreSQL " + single("SHOW server_version") + ", older than 14",
                        "upgrade the server to PostgreSQL 14 or newer"));
    }

    private Optional<Obstacle> standby() throws SQLException {
        return single("SELECT pg_is_in_recovery()").equals("f")
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.SETTING_UNUSABLE,
                        "pg_is_in_recovery",
                        "the server is a standby, whose snapshots do not list the transactions in progress",
                        "connect to the primary"));
    }

    private Optional<Obstacle> walLevel() throws SQLException {
        String level = single("SHOW wal_level");
        return level.equals("logical")
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.SETTING_UNUSABLE,
                        "wal_level",
                        "wal_level is " + level + ", which does not log enough to decode changes",
                        "ALTER SYSTEM SET wal_level = 'logical'; then restart the server"));
    }

    private Optional<Obstacle> replicationPrivilege() throws SQLException {
        // Managed services give the right by membership in a role of their own.
        String sql = "SELECT rolsuper OR rolreplication OR EXISTS (SELECT FROM pg_catalog.pg_roles m"
                + " WHERE m.rolname = 'rds_replication' AND pg_has_role(m.oid, 'MEMBER'))"
                + " FROM pg_catalog.pg_roles WHERE rolname = current_user";
        return single(sql).equals("t")
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.PRIVILEGE_MISSING,
                        role,
                        "role " + role + " lacks the REPLICATION attribute",
                        "ALTER ROLE " + SqlText.identifier(role) + " REPLICATION;"));
    }

    private Optional<Obstacle> full(String setting, String countSql, int needed, String what) throws SQLException {
        int max = Integer.parseInt(single("SHOW " + setting));
        int used = Integer.parseInt(single(countSql));
        return used + needed <= max
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        ErrorCode.SETTING_UNUSABLE,
                        setting,
                        used + " of " + max + " " + what + " are in use, and the pipeline needs " + needed + " more",
                        "ALTER SYSTEM SET " + setting + " = " + Math.max(2 * max, used + 10)
                                + "; then restart the server"));
    }

    private String single(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new SQLException("no row from " + sql);
            }
            return row.getString(1);
        }
    }
}
