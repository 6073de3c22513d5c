package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.BinaryCopy;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.postgres.type.PgTypeCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads tables' definitions through one connection; belongs to its thread. */
public final class TableCatalog {
    /** Partitions are captured through their root; what is not logged cannot be captured at all. */
    private static final String TABLES = """
            SELECT c.oid::bigint, n.nspname, c.relname, c.relkind, c.relreplident
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
              AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
            """;

    private static final String COLUMNS = """
            SELECT a.attname, a.atttypid::bigint, a.atttypmod, a.attnotnull, a.attgenerated <> '', a.attidentity <> '',
              pg_catalog.pg_get_expr(d.adbin, d.adrelid)
            FROM pg_catalog.pg_attribute a
              LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """;

    private static final String UNIQUE_INDEXES = """
            SELECT c.relname, i.indisprimary, i.indisreplident, a.attname, a.attnotnull
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord)
              JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = ? AND i.indisunique AND i.indisvalid AND i.indimmediate
              AND i.indpred IS NULL AND i.indexprs IS NULL AND k.ord <= i.indnkeyatts
            ORDER BY i.indisprimary DESC, i.indisreplident DESC, c.relname, k.ord
            """;

    private final Connection connection;
    private final String database;
    private final String publication;
    private final PgTypeCatalog types;

    /**
     * A catalog of what that connection sees.
     *
     * @param publication whose column lists restrict what is captured, where it exists
     */
    public TableCatalog(Connection connection, String database, String publication) {
        this.connection = connection;
        this.database = database;
        this.publication = publication;
        this.types = new PgTypeCatalog(connection);
    }

    /** The tables that the patterns match, ordered by name; an error names a pattern that matches none. */
    public List<PgTable> discover(List<String> patterns) {
        try {
            SortedMap<TableId, Listed> listed = list();
            SortedMap<TableId, Listed> chosen = new TreeMap<>();
            for (String text : patterns) {
                TablePattern pattern = TablePattern.parse(text);
                Map<TableId, Listed> matching = new LinkedHashMap<>(listed);
                matching.keySet().removeIf(id -> !pattern.matches(id));
                if (matching.isEmpty()) {
                    throw missing(pattern, listed.keySet());
                }
                chosen.putAll(matching);
            }
            List<PgTable> tables = new ArrayList<>();
            for (Map.Entry<TableId, Listed> entry : chosen.entrySet()) {
                tables.add(describe(entry.getKey(), entry.getValue()));
            }
            return tables;
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "reading the catalog of database " + database);
        }
    }

    /** The tables that could be captured, ordered by name: those that are wanted. */
    public List<PgTable> find(Predicate<TableId> wanted) {
        try {
            List<PgTable> tables = new ArrayList<>();
            for (Map.Entry<TableId, Listed> entry : list().entrySet()) {
                if (wanted.test(entry.getKey())) {
                    tables.add(describe(entry.getKey(), entry.getValue()));
                }
            }
            return tables;
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "reading the catalog of database " + database);
        }
    }

    /** One table by name. */
    public PgTable describe(TableId id) {
        try {
            Listed listed = list(id);
            if (listed == null) {
                throw new CdcException(
                        ErrorCode.TABLE_MISSING,
                        "table " + id + " is not in database " + database
                                + " any more; take it out of the configured tables or restore it");
            }
            return describe(id, listed);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "reading the definition of " + id);
        }
    }

    private SortedMap<TableId, Listed> list() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TABLES);
                ResultSet rows = statement.executeQuery()) {
            SortedMap<TableId, Listed> tables = new TreeMap<>();
            while (rows.next()) {
                tables.put(new TableId(database, rows.getString(2), rows.getString(3)), listed(rows));
            }
            return tables;
        }
    }

    private @Nullable Listed list(TableId id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(TABLES + " AND n.nspname = ? AND c.relname = ?")) {
            statement.setString(1, id.schema());
            statement.setString(2, id.name());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? listed(rows) : null;
            }
        }
    }

    private static Listed listed(ResultSet row) throws SQLException {
        return new Listed(
                row.getLong(1), row.getString(4).equals("p"), row.getString(5).charAt(0));
    }

    private static CdcException missing(TablePattern pattern, Set<TableId> tables) {
        List<TableId> near = pattern.nearest(tables, 3);
        String hint = near.isEmpty()
                ? tables.isEmpty() ? "the database has no tables to capture" : "list tables with: cdc discover"
                : "did you mean "
                        + String.join(", ", near.stream().map(TableId::toString).toList()) + "?";
        return new CdcException(
                ErrorCode.TABLE_MISSING,
                "the table pattern '" + pattern.text()
                        + "' matches no ordinary or partitioned table (partitions, views, "
                        + "unlogged and system tables are never captured); " + hint);
    }

    private PgTable describe(TableId id, Listed listed) throws SQLException {
        List<PgType> columnTypes = new ArrayList<>();
        List<RawColumn> raw = rawColumns(listed.oid(), columnTypes);
        List<Column> columns = defaults(raw, columnTypes);
        Key key = key(listed.oid(), columns);
        return new PgTable(
                listed.oid(),
                listed.partitioned(),
                listed.replicaIdentity(),
                listed.replicaIdentity() != 'i' || key.identity().containsAll(key.columns()),
                key.declared(),
                new TableSchema(id, columns, key.columns()),
                columnTypes);
    }

    private List<RawColumn> rawColumns(long oid, List<PgType> columnTypes) throws SQLException {
        int version = PgConnections.serverVersion(connection);
        Set<String> published = version >= 150000 ? publishedColumns(oid, version) : null;
        List<RawColumn> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    boolean generated = rows.getBoolean(5);
                    boolean listed = published != null && published.contains(name);
                    // A generated column is logged by PostgreSQL 18 at the earliest, and only where published.
                    if (generated ? version < 180000 || !listed : published != null && !listed) {
                        continue;
                    }
                    columns.add(new RawColumn(
                            name,
                            (int) rows.getLong(2),
                            rows.getInt(3),
                            rows.getBoolean(4),
                            generated ? null : rows.getString(7),
                            generated || rows.getBoolean(6)));
                }
            }
        }
        for (RawColumn column : columns) {
            columnTypes.add(types.resolve(column.typeOid(), column.typmod()));
        }
        return columns;
    }

    /**
     * The columns that the publication publishes of the table; null where there is no publication yet.
     *
     * <p>Read from the catalog's own tables: the view {@code pg_publication_tables} locks every table of the publication,
     * so one that is locked for long would hold up the snapshot of all others.
     */
    private @Nullable Set<String> publishedColumns(long oid, int version) throws SQLException {
        String generated = version >= 180000
                ? "(a.attgenerated = '' OR (p.pubgencols = 's' AND a.attgenerated = 's'))"
                : "a.attgenerated = ''";
        String sql = "SELECT a.attname FROM pg_catalog.pg_publication p"
                + " JOIN pg_catalog.pg_attribute a ON a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped"
                + " LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = a.attrelid"
                + " WHERE p.pubname = ? AND CASE WHEN r.prattrs IS NULL THEN " + generated
                + " ELSE a.attnum = ANY (r.prattrs::int2[]) END";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, oid);
            statement.setString(2, publication);
            Set<String> names = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            return names.isEmpty() ? null : names;
        }
    }

    /** Has the server itself evaluate all constant defaults, in the very form that rows come in. */
    private List<Column> defaults(List<RawColumn> raw, List<PgType> columnTypes) throws SQLException {
        List<PgType> constantTypes = new ArrayList<>();
        List<String> constants = new ArrayList<>();
        for (int i = 0; i < raw.size(); i++) {
            String expression = raw.get(i).defaultExpression();
            if (expression != null && ColumnDefaults.isConstant(expression)) {
                PgType type = columnTypes.get(i);
                constantTypes.add(type);
                constants.add(BinaryCopy.expression("CAST(" + expression + " AS " + type.name() + ")", type));
            }
        }
        List<@Nullable FieldValue> values = evaluate(constants, constantTypes);
        List<Column> columns = new ArrayList<>();
        int constant = 0;
        for (int i = 0; i < raw.size(); i++) {
            RawColumn column = raw.get(i);
            PgType type = columnTypes.get(i);
            String expression = column.defaultExpression();
            FieldValue value = null;
            if (expression != null && ColumnDefaults.isConstant(expression)) {
                value = values.get(constant++);
            } else if (column.notNull() && (expression != null || column.computed())) {
                value = ColumnDefaults.zero(type.columnType());
            }
            columns.add(new Column(column.name(), type.columnType(), !column.notNull(), value, type.name()));
        }
        return columns;
    }

    private List<@Nullable FieldValue> evaluate(List<String> constants, List<PgType> constantTypes)
            throws SQLException {
        List<@Nullable FieldValue> values = new ArrayList<>();
        if (constants.isEmpty()) {
            return values;
        }
        RowWriter row = new RowWriter();
        String select = "SELECT " + String.join(", ", constants);
        try (BinaryCopy copy = BinaryCopy.start(connection, select, constantTypes)) {
            if (!copy.next(row)) {
                throw new SQLException("a SELECT of constants gave no row");
            }
            RowCursor cursor = new RowCursor().wrap(row.finish());
            while (cursor.next()) {
                byte[] payload = new byte[Math.max(0, cursor.length())];
                System.arraycopy(cursor.array(), cursor.offset(), payload, 0, payload.length);
                values.add(cursor.hasValue() ? new FieldValue(payload) : null);
            }
            if (copy.next(row)) {
                throw new SQLException("a SELECT of constants gave a second row");
            }
        }
        return values;
    }

    /** The primary key, else the replica identity's index, else the first unique index without nullable columns. */
    private Key key(long oid, List<Column> columns) throws SQLException {
        Set<String> captured = new HashSet<>();
        columns.forEach(column -> captured.add(column.name()));
        Map<String, List<String>> candidates = new LinkedHashMap<>();
        Set<String> unusable = new HashSet<>();
        Set<String> primary = new HashSet<>();
        Set<String> identity = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(UNIQUE_INDEXES)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String index = rows.getString(1);
                    String column = rows.getString(4);
                    candidates.computeIfAbsent(index, name -> new ArrayList<>()).add(column);
                    if (rows.getBoolean(2)) {
                        primary.add(index);
                    }
                    if (rows.getBoolean(3)) {
                        identity.add(column);
                    }
                    if (!rows.getBoolean(5) || !captured.contains(column)) {
                        unusable.add(index);
                    }
                }
            }
        }
        candidates.keySet().removeAll(unusable);
        for (Map.Entry<String, List<String>> first : candidates.entrySet()) {
            return new Key(first.getValue(), primary.contains(first.getKey()), identity);
        }
        return new Key(List.of(), false, identity);
    }

    private record Listed(long oid, boolean partitioned, char replicaIdentity) {}

    private record Key(List<String> columns, boolean declared, Set<String> identity) {}

    private record RawColumn(
            String name,
            int typeOid,
            int typmod,
            boolean notNull,
            @Nullable String defaultExpression,
            boolean computed) {}
}
