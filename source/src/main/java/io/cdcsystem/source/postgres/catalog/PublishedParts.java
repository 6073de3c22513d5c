package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.source.postgres.PgConnections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which part of single tables a publication publishes, by columns and by rows; before PostgreSQL 15 always all of them.
 * Belongs to its connection's thread.
 *
 * <p>Read from the catalog's own tables: the view {@code pg_publication_tables} locks every table of the publication, so one
 * that is locked for long would hold up the snapshot of all others.
 */
public final class PublishedParts {
    private static final int FIRST_VERSION = 150000;

    /** A filter is void where the table is published for another reason too. */
    private static final String ROW_FILTER = """
            SELECT pg_catalog.pg_get_expr(r.prqual, r.prrelid)
            FROM pg_catalog.pg_publication p JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
              JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
            WHERE p.pubname = ? AND c.oid = ? AND NOT p.puballtables AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_publication_namespace n
              WHERE n.pnpubid = p.oid AND n.pnnspid = c.relnamespace)
            """;

    private final Connection connection;
    private final String publication;

    /** The parts of that publication, which need not exist. */
    public PublishedParts(Connection connection, String publication) {
        this.connection = connection;
        this.publication = publication;
    }

    /** The columns that it publishes, or would by default, of the table; null where it does not exist or all are. */
    public @Nullable Set<String> columns(long oid) throws SQLException {
        int version = PgConnections.serverVersion(connection);
        if (version < FIRST_VERSION) {
            return null;
        }
        String generated = version >= 180000
                ? "(a.attgenerated = '' OR (p.pubgencols = 's' AND a.attgenerated = 's'))"
                : "a.attgenerated = ''";
        String sql = "SELECT a.attname FROM pg_catalog.pg_publication p"
                + " JOIN pg_catalog.pg_attribute a ON a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped"
                + " LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = a.attrelid"
                + " WHERE p.pubname = ? AND CASE WHEN r.prattrs IS NULL THEN " + generated
                + " ELSE a.attnum = ANY (r.prattrs::int2[]) END ORDER BY a.attnum";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, oid);
            statement.setString(2, publication);
            Set<String> names = new LinkedHashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            return names.isEmpty() ? null : names;
        }
    }

    /** The condition that the published rows of the table meet, as the server writes it; null where all are. */
    public @Nullable String rowFilter(long oid) throws SQLException {
        if (PgConnections.serverVersion(connection) < FIRST_VERSION) {
            return null;
        }
        try (PreparedStatement statement = connection.prepareStatement(ROW_FILTER)) {
            statement.setString(1, publication);
            statement.setLong(2, oid);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }
}
