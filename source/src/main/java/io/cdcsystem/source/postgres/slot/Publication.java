package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.PublishedTables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The configured publication, through one connection; belongs to its thread. */
public final class Publication {
    private final Connection connection;
    private final PostgresConfig config;
    private final String name;

    /** The publication that {@code config} names, in the connection's database. */
    public Publication(Connection connection, PostgresConfig config) {
        this.connection = connection;
        this.config = config;
        this.name = config.publicationName();
    }

    /** Whether there is one. */
    public boolean exists() throws SQLException {
        return attributes().isPresent();
    }

    /** What keeps the publication from publishing these tables as configured, other than that tables are missing. */
    public Optional<Obstacle> obstacle(List<PgTable> tables) throws SQLException {
        Selection selection = new Selection(connection, config);
        Optional<Obstacle> unsupported = selection.unsupported(tables);
        Attributes attributes = attributes().orElse(null);
        if (unsupported.isPresent() || attributes == null) {
            return unsupported;
        }
        String alter = "ALTER PUBLICATION " + SqlText.identifier(name);
        if (!attributes.allChanges()) {
            return Optional.of(unusable(
                    "publication " + name + " leaves out inserts, updates or deletes",
                    alter + " SET (publish = 'insert, update, delete, truncate');"));
        }
        if (!attributes.viaRoot() && tables.stream().anyMatch(PgTable::partitioned)) {
            return Optional.of(unusable(
                    "publication " + name + " publishes partitions under their own names, but the partitioned table is "
                            + "captured",
                    alter + " SET (publish_via_partition_root = true);"));
        }
        Set<TableId> members = members();
        for (PgTable table : tables) {
            if (members.contains(table.schema().id())) {
                Optional<String> difference = selection.difference(table);
                if (difference.isPresent()) {
                    return Optional.of(unusable(
                            difference.get(),
                            "BEGIN; " + alter + " DROP TABLE "
                                    + SqlText.table(table.schema().id()) + "; " + statement(List.of(table), true)
                                    + " COMMIT;"));
                }
            }
        }
        return Optional.empty();
    }

    /** The tables that an existing publication does not publish; all where there is none. */
    public List<PgTable> missing(List<PgTable> tables) throws SQLException {
        Set<TableId> members = members();
        return tables.stream()
                .filter(table -> !members.contains(table.schema().id()))
                .toList();
    }

    /** The names under which an existing publication publishes no table; none where there is none. */
    public Set<TableId> unpublished(Collection<TableId> tables) throws SQLException {
        if (!exists()) {
            return Set.of();
        }
        Set<TableId> unpublished = new TreeSet<>(tables);
        unpublished.removeAll(members());
        return unpublished;
    }

    /** The statement that makes these tables published, as far as they are selected. */
    public String statement(List<PgTable> tables, boolean exists) {
        String published = tables.stream().map(this::part).collect(Collectors.joining(", "));
        return exists
                ? "ALTER PUBLICATION " + SqlText.identifier(name) + " ADD TABLE " + published + ";"
                : "CREATE PUBLICATION " + SqlText.identifier(name) + " FOR TABLE " + published
                        + " WITH (publish_via_partition_root = true);";
    }

    /**
     * Creates it, or adds what it lacks. A transaction that is open now may have written to a table before that: its changes
     * are in no log.
     *
     * @param withSlot whether the slot is there already, which cannot decode with a younger publication
     */
    public void ensure(List<PgTable> tables, boolean withSlot) {
        try {
            boolean exists = exists();
            obstacle(tables).ifPresent(found -> {
                throw found.toException();
            });
            List<PgTable> missing = missing(tables);
            if (!exists && withSlot) {
                throw new CdcException(
                        ErrorCode.SLOT_UNUSABLE,
                        "the replication slot is older than publication " + name
                                + ", which does not exist yet, and cannot decode the log up to there; drop the slot "
                                + "(SELECT pg_drop_replication_slot(...)), it will be created anew");
            }
            if (!missing.isEmpty()) {
                change(missing, exists, true).ifPresent(found -> {
                    throw found.toException();
                });
            }
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.PUBLICATION_UNUSABLE, "preparing publication " + name);
        }
    }

    /** What would come of adding these tables; changes nothing. */
    public Optional<Obstacle> trial(List<PgTable> missing, boolean exists) throws SQLException {
        return change(missing, exists, false);
    }

    /**
     * A publication whose column list or row filter does not go with a table's replica identity makes the server refuse the
     * users' own updates and deletes. So the server is asked before the change is committed.
     */
    private Optional<Obstacle> change(List<PgTable> missing, boolean exists, boolean keep) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Optional<Obstacle> found = execute(missing, exists);
            if (found.isEmpty() && keep) {
                connection.commit();
            }
            return found;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private Optional<Obstacle> execute(List<PgTable> missing, boolean exists) {
        String sql = statement(missing, exists);
        try (Statement statement = connection.createStatement()) {
            // Whoever holds a table for long must not hold up the log of all others, which waits for this.
            statement.execute("SET LOCAL lock_timeout TO '10s'");
            statement.execute(sql);
        } catch (SQLException e) {
            if ("55P03".equals(e.getSQLState())) {
                throw new CdcException(
                        ErrorCode.DATABASE_UNREACHABLE,
                        "another session holds a table that is to be published (" + sql + "): " + e.getMessage()
                                + "; see pg_locks for who, and try again when it has ended",
                        e);
            }
            if ("42710".equals(e.getSQLState()) || "23505".equals(e.getSQLState())) {
                throw new CdcException(
                        ErrorCode.DATABASE_UNREACHABLE,
                        "publication " + name + " was changed by somebody else at the same moment, maybe by an earlier "
                                + "attempt of this pipeline: " + e.getMessage() + "; trying again helps",
                        e);
            }
            if ("42501".equals(e.getSQLState())) {
                return Optional.of(unusable(
                        "publication " + name + " lacks captured tables, and the role may not change that ("
                                + e.getMessage() + ")",
                        "let the tables' owner or a superuser run: " + sql));
            }
            return Optional.of(unusable(
                    "the server refuses to publish the captured tables (" + e.getMessage() + ")",
                    "correct source.tables or snapshot.select, which became: " + sql));
        }
        for (PgTable table : missing) {
            TableSelect select = config.selectOf(table.schema().id());
            if (select != null && Selection.restricts(select)) {
                Optional<Obstacle> refused = refusedWrites(table);
                if (refused.isPresent()) {
                    return refused;
                }
            }
        }
        return Optional.empty();
    }

    /** Explaining a DELETE deletes nothing, but the server checks that it could. */
    private Optional<Obstacle> refusedWrites(PgTable table) {
        TableId id = table.schema().id();
        try (Statement statement = connection.createStatement()) {
            statement.execute("EXPLAIN DELETE FROM " + SqlText.table(id));
            return Optional.empty();
        } catch (SQLException e) {
            return Optional.of(unusable(
                    "with what snapshot.select says of " + id
                            + " published, the server would refuse every UPDATE and DELETE on the table ("
                            + e.getMessage() + ")",
                    table.replicaIdentity() == 'f'
                            ? "leave out columns, or ALTER TABLE " + SqlText.table(id)
                                    + " REPLICA IDENTITY DEFAULT; where it has a primary key"
                            : "let columns name every column of the replica identity, and where only these; or for"
                                    + " where alone: ALTER TABLE " + SqlText.table(id) + " REPLICA IDENTITY FULL;"));
        }
    }

    private String part(PgTable table) {
        TableSelect select = config.selectOf(table.schema().id());
        String part = SqlText.table(table.schema().id());
        if (select == null) {
            return part;
        }
        if (!select.columns().isEmpty()) {
            part += select.columns().stream().map(SqlText::identifier).collect(Collectors.joining(", ", " (", ")"));
        }
        return select.where() == null ? part : part + " WHERE (" + select.where() + ")";
    }

    private Set<TableId> members() throws SQLException {
        return PublishedTables.of(connection, config.database(), name);
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
