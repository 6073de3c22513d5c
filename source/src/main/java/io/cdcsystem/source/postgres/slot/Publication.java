package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The configured publication, through one connection; belongs to its thread. */
public final class Publication {
    private static final Duration OLD_WRITERS_MAX = Duration.ofMinutes(10);

    private final Connection connection;
    private final String name;
    private final String database;

    /** The publication of that name in the connection's database. */
    public Publication(Connection connection, String database, String name) {
        this.connection = connection;
        this.database = database;
        this.name = name;
    }

    /** Whether there is one. */
    public boolean exists() throws SQLException {
        return attributes().isPresent();
    }

    /** What keeps the existing publication from publishing these tables, other than that tables are missing. */
    public Optional<Obstacle> obstacle(List<TableId> tables, boolean anyPartitioned) throws SQLException {
        Attributes attributes = attributes().orElse(null);
        if (attributes == null) {
            return Optional.empty();
        }
        String alter = "ALTER PUBLICATION " + SqlText.identifier(name);
        if (!attributes.allChanges()) {
            return Optional.of(unusable(
                    "publication " + name + " leaves out inserts, updates or deletes",
                    alter + " SET (publish = 'insert, update, delete, truncate');"));
        }
        if (anyPartitioned && !attributes.viaRoot()) {
            return Optional.of(unusable(
                    "publication " + name + " publishes partitions under their own names, but the partitioned table is "
                            + "captured",
                    alter + " SET (publish_via_partition_root = true);"));
        }
        if (PgConnections.serverVersion(connection) >= 150000) {
            Set<TableId> filtered = members(" AND rowfilter IS NOT NULL");
            filtered.retainAll(new TreeSet<>(tables));
            if (!filtered.isEmpty()) {
                return Optional.of(unusable(
                        "publication " + name + " filters the rows of " + filtered
                                + ", so that its log would not agree with the snapshot",
                        "use a publication without a row filter, or "
                                + alter + " DROP TABLE " + SqlText.tables(filtered) + "; "
                                + alter + " ADD TABLE " + SqlText.tables(filtered) + ";"));
            }
        }
        return Optional.empty();
    }

    /** The tables that an existing publication does not publish; all where there is none. */
    public List<TableId> missing(List<TableId> tables) throws SQLException {
        List<TableId> missing = new ArrayList<>(tables);
        missing.removeAll(members(""));
        return missing;
    }

    /** The statement that makes these tables published. */
    public String statement(List<TableId> tables, boolean exists) {
        return exists
                ? "ALTER PUBLICATION " + SqlText.identifier(name) + " ADD TABLE " + SqlText.tables(tables) + ";"
                : "CREATE PUBLICATION " + SqlText.identifier(name) + " FOR TABLE " + SqlText.tables(tables)
                        + " WITH (publish_via_partition_root = true);";
    }

    /**
     * Creates it, or adds what it lacks. With a slot, returns only when every transaction that is open by then has ended.
     *
     * @param withSlot whether the slot is there already; the creation of a slot waits by itself
     */
    public void ensure(List<TableId> tables, boolean anyPartitioned, boolean withSlot) {
        try {
            boolean exists = exists();
            obstacle(tables, anyPartitioned).ifPresent(found -> {
                throw found.toException();
            });
            List<TableId> missing = missing(tables);
            if (!exists && withSlot) {
                throw new CdcException(
                        ErrorCode.SLOT_UNUSABLE,
                        "the replication slot is older than publication " + name
                                + ", which does not exist yet, and cannot decode the log up to there; drop the slot "
                                + "(SELECT pg_drop_replication_slot(...)), it will be created anew");
            }
            if (!missing.isEmpty()) {
                change(statement(missing, exists));
            }
            if (withSlot) {
                // Whoever changed the publication, and whenever: a transaction that is open now may have written to a
                // table before that, is not decoded for it, and not in our snapshot either.
                awaitEndOfOpen();
            }
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.PUBLICATION_UNUSABLE, "preparing publication " + name);
        }
    }

    private void change(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new CdcException(
                    ErrorCode.PUBLICATION_UNUSABLE,
                    "publication " + name + " lacks captured tables, and the role may not change that ("
                            + e.getMessage() + "); let the tables' owner or a superuser run: " + sql,
                    e);
        }
    }

    private long asked(String function) throws SQLException {
        String sql = "SELECT pg_catalog." + function + "(pg_catalog.pg_current_snapshot())::text::bigint";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void awaitEndOfOpen() throws SQLException {
        long deadline = System.nanoTime() + OLD_WRITERS_MAX.toNanos();
        long next = asked("pg_snapshot_xmax");
        while (asked("pg_snapshot_xmin") < next) {
            if (System.nanoTime() > deadline) {
                throw new CdcException(
                        ErrorCode.PUBLICATION_UNUSABLE,
                        "transactions that were open when publication " + name + " was looked at still are after "
                                + OLD_WRITERS_MAX.toMinutes()
                                + " minutes; end them (SELECT pid, xact_start, query FROM "
                                + "pg_stat_activity ORDER BY xact_start) and start again");
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CdcException(
                        ErrorCode.PUBLICATION_UNUSABLE, "preparing publication " + name + " was interrupted", e);
            }
        }
    }

    private Set<TableId> members(String condition) throws SQLException {
        String sql = "SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables WHERE pubname = ?" + condition;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            Set<TableId> members = new TreeSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    members.add(new TableId(database, rows.getString(1), rows.getString(2)));
                }
            }
            return members;
        }
    }

    private Optional<Attributes> attributes() throws SQLException {
        String sql = "SELECT pubinsert AND pubupdate AND pubdelete, pubviaroot FROM pg_catalog.pg_publication"
                + " WHERE pubname = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Attributes(row.getBoolean(1), row.getBoolean(2)))
                        : Optional.empty();
            }
        }
    }

    private Obstacle unusable(String message, String remedy) {
        return new Obstacle(ErrorCode.PUBLICATION_UNUSABLE, name, message, remedy);
    }

    private record Attributes(boolean allChanges, boolean viaRoot) {}
}
