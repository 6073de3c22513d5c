package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.PgConnections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The tables that a publication publishes, under the names that the log gives them: a partitioned table by its own name where
 * the publication says {@code publish_via_partition_root}, else by those of its partitions.
 *
 * <p>Says what the view {@code pg_publication_tables} says (pg_get_publication_tables in the server's
 * {@code catalog/pg_publication.c}), but from the catalog's own tables: the view opens every published table, so that one
 * which somebody has locked would hold up whoever asks.
 */
public final class PublishedTables {
    private static final int SCHEMAS_SINCE = 150000;

    /** The first OID that is not the server's own (FirstNormalObjectId). */
    private static final int FIRST_USER_OID = 16384;

    private static final String SCHEMAS = """
              UNION SELECT c.oid FROM publication p
                JOIN pg_catalog.pg_publication_namespace n ON n.pnpubid = p.oid
                JOIN pg_catalog.pg_class c ON c.relnamespace = n.pnnspid
              WHERE NOT p.puballtables AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
            """;

    private static final String NAMES = """
            WITH RECURSIVE publication AS (
              SELECT oid, puballtables, pubviaroot FROM pg_catalog.pg_publication WHERE pubname = ?
            ), named AS (
              SELECT r.prrelid AS oid FROM publication p JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
              WHERE NOT p.puballtables
              UNION SELECT c.oid FROM publication p JOIN pg_catalog.pg_class c ON c.oid >= %d
              WHERE p.puballtables AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
            %s), tree AS (
              SELECT oid, false AS below FROM named
              UNION SELECT c.oid, true FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
                JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
            )
            SELECT DISTINCT s.nspname, c.relname FROM publication p CROSS JOIN tree t
              JOIN pg_catalog.pg_class c ON c.oid = t.oid JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
            WHERE CASE WHEN p.pubviaroot THEN NOT EXISTS (SELECT FROM tree b WHERE b.oid = t.oid AND b.below)
                       ELSE c.relkind = 'r' END
            ORDER BY 1, 2""";

    private PublishedTables() {}

    /** In the order of their names; none where there is no such publication. */
    public static Set<TableId> of(Connection connection, String database, String publication) throws SQLException {
        boolean withSchemas = PgConnections.serverVersion(connection) >= SCHEMAS_SINCE;
        try (PreparedStatement statement =
                connection.prepareStatement(NAMES.formatted(FIRST_USER_OID, withSchemas ? SCHEMAS : ""))) {
            statement.setString(1, publication);
            Set<TableId> tables = new LinkedHashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(new TableId(database, rows.getString(1), rows.getString(2)));
                }
            }
            return tables;
        }
    }
}
