package io.cdcsystem.source.postgres.catalog;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is needed to compare columns with values exactly as their default B-tree order does.
 *
 * @param types the columns' types as SQL that means the same under every {@code search_path}: domains resolved, since a
 *     stored value need not fulfil a NOT VALID check, and without length, since {@code character} means {@code char(1)}
 * @param schemas where the types' operators are, for {@code search_path}: a {@code citext} whose operators are not found
 *     would silently compare as text
 * @param nullable whether one of the columns may be NULL
 */
public record KeyColumns(List<String> types, List<String> schemas, boolean nullable) {
    private static final String TYPES = """
            WITH RECURSIVE base (ord, nullable, type) AS (
              SELECT k.ord, NOT a.attnotnull, a.atttypid
              FROM unnest(?::text[]) WITH ORDINALITY k (name, ord)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = ? AND a.attname = k.name AND a.attnum > 0
              WHERE NOT a.attisdropped
              UNION ALL
              SELECT b.ord, b.nullable, t.typbasetype
              FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd')
            SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname), b.nullable,
              (SELECT min(pg_catalog.quote_ident(s.nspname)) FROM pg_catalog.pg_opclass c
                 JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
                 JOIN pg_catalog.pg_amop o ON o.amopfamily = c.opcfamily AND o.amopstrategy = 5
                   AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
                 JOIN pg_catalog.pg_operator p ON p.oid = o.amopopr
                 JOIN pg_catalog.pg_namespace s ON s.oid = p.oprnamespace
               WHERE c.opcdefault AND c.opcintype = t.oid)
            FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            ORDER BY b.ord
            """;

    private static final String ORDERED = """
            SELECT EXISTS (
              SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname = 'btree'
              WHERE i.indrelid = ? AND i.indisvalid AND i.indisready AND i.indpred IS NULL
                AND cardinality(?::text[]) <= i.indnkeyatts AND NOT EXISTS (
                  SELECT FROM unnest(?::text[]) WITH ORDINALITY k (name, ord)
                    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attname = k.name
                      AND a.attnum = i.indkey[k.ord - 1]
                    LEFT JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k.ord - 1] AND o.opcdefault
                  WHERE a.attnum IS NULL OR o.oid IS NULL OR i.indoption[k.ord - 1] <> 0
                    OR i.indcollation[k.ord - 1] <> a.attcollation))
            """;

    /** Copies the lists. */
    public KeyColumns {
        types = List.copyOf(types);
        schemas = List.copyOf(schemas);
    }

    /** The columns of a table; null where one of them is not there any more. */
    public static @Nullable KeyColumns of(Connection connection, long table, List<String> names) throws SQLException {
        List<String> types = new ArrayList<>();
        Set<String> schemas = new LinkedHashSet<>();
        boolean nullable = false;
        Array array = connection.createArrayOf("text", names.toArray());
        try (PreparedStatement statement = connection.prepareStatement(TYPES)) {
            statement.setArray(1, array);
            statement.setLong(2, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    types.add(row.getString(1));
                    nullable |= row.getBoolean(2);
                    String schema = row.getString(3);
                    if (schema != null && !schema.equals("pg_catalog")) {
                        schemas.add(schema);
                    }
                }
            }
        }
        return types.size() == names.size() ? new KeyColumns(types, List.copyOf(schemas), nullable) : null;
    }

    /** Whether an index gives the rows in the columns' own order: only then is each cut a short scan. */
    public static boolean ordered(Connection connection, long table, List<String> names) throws SQLException {
        Array array = connection.createArrayOf("text", names.toArray());
        try (PreparedStatement statement = connection.prepareStatement(ORDERED)) {
            statement.setLong(1, table);
            statement.setArray(2, array);
            statement.setArray(3, array);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
