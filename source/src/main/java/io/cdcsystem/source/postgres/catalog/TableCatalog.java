package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.postgres.type.PgTypeCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
    private final PostgresConfig config;
    private final PublishedParts published;
    private final PgTypeCatalog types;

    /**
     * A catalog of what that connection sees.
     *
     * @param config names the database, what is selected of single tables, and the publication, which restricts what is
     *     captured of the others where it exists
     */
    public TableCatalog(Connection connection, PostgresConfig config) {
        this.connection = connection;
        this.config = config;
        this.database = config.database();
        this.published = new PublishedParts(connection, config.publicationName());
        this.types = new PgTypeCatalog(connection);
    }

    /**
     * The tables that the patterns match, in the order of the patterns and then by name; a table that several match takes
     * the place of the first. An error names a pattern that matches none.
     */
    public List<PgTable> discover(List<String> patterns) {
        try {
            SortedMap<TableId, Listed> listed = list();
            Map<TableId, Listed> chosen = new LinkedHashMap<>();
            for (String text : patterns) {
                TablePattern pattern = TablePattern.parse(text);
                Map<TableId, Listed> matching = new LinkedHashMap<>(listed);
                matching.keySet().removeIf(id -> !pattern.matches(id));
                if (matching.isEmpty()) {
                    throw missing(pattern, listed.keySet());
                }
                matching.forEach(chosen::putIfAbsent);
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

    /** The names of all tables that can be captured, in order. */
    public List<TableId> names() {
        try {
            return List.copyOf(list().keySet());
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "listing the tables of database " + database);
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

    /** What the configuration selects of a table; null for all of it. */
    public @Nullable TableSelect selectOf(TableId id) {
        return config.selectOf(id);
    }

    /** Which rows of a table are captured, as the configuration or else the publication says; null for all. */
    public @Nullable String rowFilter(TableId id) throws SQLException {
        Listed listed = list(id);
        return listed == null ? null : rowFilter(config.selectOf(id), listed.oid());
    }

    private @Nullable String rowFilter(@Nullable TableSelect select, long oid) throws SQLException {
        return select != null && select.where() != null ? select.where() : published.rowFilter(oid);
    }

    /** The configured signal table; empty where none is, an error where it does not exist. */
    public Optional<PgTable> signalTable() {
        String name = config.signalTable();
        if (name == null) {
            return Optional.empty();
        }
        List<PgTable> found = find(id -> id.toString().equals(name));
        if (found.isEmpty()) {
            throw new CdcException(
                    ErrorCode.TABLE_MISSING,
                    "the signal table " + name + " (signal.data.collection) is not in database " + database
                            + "; to mend it: CREATE TABLE " + name
                            + " (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048));");
        }
        return Optional.of(found.get(0));
    }

    /** Where a table's rows lie now; null where it is gone. */
    public @Nullable TableFiles files(TableId id) throws SQLException {
        return TableFiles.of(connection, id);
    }

    /** How columns of a table compare; null where one of them is gone. */
    public @Nullable KeyColumns keyColumns(long table, List<String> names) throws SQLException {
        return KeyColumns.of(connection, table, names);
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
        TableSelect select = config.selectOf(id);
        Set<String> selected = select == null ? Set.of() : new LinkedHashSet<>(select.columns());
        Set<String> chosen = selected.isEmpty() ? published.columns(listed.oid()) : selected;
        List<CatalogColumn> raw = catalogColumns(listed.oid(), chosen, columnTypes);
        List<Column> columns = CatalogColumns.resolve(
                raw, columnTypes, (constants, of) -> ServerConstants.evaluate(connection, constants, of));
        Key key = key(listed.oid(), selected.isEmpty() ? names(columns) : null);
        if (!selected.isEmpty()) {
            requireSelectable(id, selected, names(columns), key);
        }
        return new PgTable(
                listed.oid(),
                listed.partitioned(),
                listed.replicaIdentity(),
                listed.replicaIdentity() != 'i' || key.identity().containsAll(key.columns()),
                key.declared(),
                new TableSchema(id, columns, key.columns()),
                columnTypes,
                rowFilter(select, listed.oid()));
    }

    private static Set<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).collect(Collectors.toSet());
    }

    /** Without its key a row has no identity: neither a record's key nor what the log names it by. */
    private static void requireSelectable(TableId id, Set<String> selected, Set<String> captured, Key key) {
        Set<String> unknown = new LinkedHashSet<>(selected);
        unknown.removeAll(captured);
        if (!unknown.isEmpty()) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "snapshot.select asks for columns " + unknown + " of " + id
                            + ", which the table does not have or the log never holds (generated columns, before"
                            + " PostgreSQL 18); take them out of columns");
        }
        Set<String> without = new LinkedHashSet<>(key.columns());
        without.removeAll(captured);
        if (!without.isEmpty()) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "snapshot.select leaves out columns " + without + " of the key of " + id
                            + ", without which a row has no identity; add them to columns");
        }
    }

    /** The columns that can be captured, of those chosen; null for all but the generated ones. */
    private List<CatalogColumn> catalogColumns(long oid, @Nullable Set<String> chosen, List<PgType> columnTypes)
            throws SQLException {
        int version = PgConnections.serverVersion(connection);
        List<CatalogColumn> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    boolean generated = rows.getBoolean(5);
                    boolean listed = chosen != null && chosen.contains(name);
                    // A generated column is logged by PostgreSQL 18 at the earliest, and only where published.
                    if (generated ? version < 180000 || !listed : chosen != null && !listed) {
                        continue;
                    }
                    columns.add(new CatalogColumn(
                            name,
                            (int) rows.getLong(2),
                            rows.getInt(3),
                            rows.getBoolean(4),
                            generated ? null : rows.getString(7),
                            generated || rows.getBoolean(6)));
                }
            }
        }
        for (CatalogColumn column : columns) {
            columnTypes.add(types.resolve(column.typeOid(), column.typmod()));
        }
        return columns;
    }

    /**
     * The primary key, else the replica identity's index, else the first unique index without nullable columns.
     *
     * @param captured what it can consist of; null for every column
     */
    private Key key(long oid, @Nullable Set<String> captured) throws SQLException {
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
                    if (!rows.getBoolean(5) || (captured != null && !captured.contains(column))) {
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
}
