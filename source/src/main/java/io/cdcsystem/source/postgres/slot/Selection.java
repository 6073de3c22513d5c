package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.PublishedParts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code snapshot.select} asks for, against what the publication publishes: log and snapshot have to show the same
 * columns and rows. Belongs to its connection's thread.
 */
final class Selection {
    private static final int FIRST_VERSION = 150000;

    private final Connection connection;
    private final PostgresConfig config;
    private final PublishedParts published;

    Selection(Connection connection, PostgresConfig config) {
        this.connection = connection;
        this.config = config;
        this.published = new PublishedParts(connection, config.publicationName());
    }

    /** Whether less than the whole table is asked for. */
    static boolean restricts(TableSelect select) {
        return !select.columns().isEmpty() || select.where() != null;
    }

    /** That this server's publications are of whole tables only. */
    Optional<Obstacle> unsupported(List<PgTable> tables) throws SQLException {
        if (PgConnections.serverVersion(connection) >= FIRST_VERSION) {
            return Optional.empty();
        }
        for (PgTable table : tables) {
            TableSelect select = config.selectOf(table.schema().id());
            if (select != null && restricts(select)) {
                return Optional.of(new Obstacle(
                        ErrorCode.SETTING_UNUSABLE,
                        select.table(),
                        "snapshot.select asks for columns or rows of " + select.table()
                                + ", which a publication can only be told from PostgreSQL 15 on",
                        "take columns and where out of snapshot.select, or upgrade the server"));
            }
        }
        return Optional.empty();
    }

    /** What the publication publishes of its member other than asked for; empty too where nothing is asked for. */
    Optional<String> difference(PgTable table) throws SQLException {
        TableSelect select = config.selectOf(table.schema().id());
        if (select == null) {
            return Optional.empty();
        }
        String subject = "publication " + config.publicationName() + " publishes ";
        Set<String> columns = new LinkedHashSet<>(select.columns());
        Set<String> has = published.columns(table.oid());
        if (!columns.isEmpty() && has != null && !has.equals(columns)) {
            return Optional.of(
                    subject + "columns " + has + " of " + select.table() + ", but snapshot.select asks for " + columns);
        }
        String where = select.where();
        String filter = published.rowFilter(table.oid());
        if (where != null
                && !where.equals(filter)
                && !asServerWrites(table, where).equals(filter)) {
            return Optional.of(subject + (filter == null ? "all rows" : "the rows with " + filter) + " of "
                    + select.table() + ", but snapshot.select asks for those with " + where);
        }
        return Optional.empty();
    }

    /**
     * The condition in the form in which the server stores conditions. Asked with a constraint on a table of the same columns,
     * which is never committed: a publication could only be asked by the table's owner.
     */
    private String asServerWrites(PgTable table, @Nullable String where) throws SQLException {
        String copy = "pg_temp." + SqlText.identifier(table.schema().id().name());
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + copy + " (LIKE "
                    + SqlText.table(table.schema().id()) + ")");
            statement.execute("ALTER TABLE " + copy + " ADD CHECK (" + where + ")");
            try (ResultSet row = statement.executeQuery(
                    "SELECT pg_catalog.pg_get_expr(conbin, conrelid) FROM pg_catalog.pg_constraint"
                            + " WHERE contype = 'c' AND conrelid = " + SqlText.literal(copy) + "::regclass")) {
                if (!row.next()) {
                    throw new SQLException("the server did not keep the condition " + where);
                }
                return row.getString(1);
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
