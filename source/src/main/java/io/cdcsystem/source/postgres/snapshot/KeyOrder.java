package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.catalog.KeyColumns;
import io.cdcsystem.source.split.ChunkRange;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of columns' values as SQL: the server alone compares them, in the order and collation of the columns. They are
 * in the text form of the types' own output functions, which {@code TextSettings} keeps exact.
 */
final class KeyOrder {
    private final Cut cut;
    private final List<String> columns;
    private final KeyColumns key;

    /** The order of {@code names}, which {@code key} describes. */
    KeyOrder(Cut cut, List<String> names, KeyColumns key) {
        this.cut = cut;
        this.columns = names.stream().map(SqlText::identifier).toList();
        this.key = key;
    }

    /** Has the rest of the session's transaction find the operators of the columns' types. */
    void findOperators(Connection connection) throws SQLException {
        if (key.schemas().isEmpty()) {
            return;
        }
        // Behind them stays what a condition may need.
        String path = "pg_catalog, " + String.join(", ", key.schemas());
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', "
                    + SqlText.literal(path) + ", nullif(pg_catalog.current_setting('search_path'), '')), true)");
        }
    }

    /** Whether rows may have no place in the order: they come behind all others, in a chunk of their own. */
    boolean nullable() {
        return key.nullable();
    }

    /** Where the values end and the NULLs begin. */
    List<String> endOfValues() {
        return cut.bound(List.of());
    }

    /** A bound. */
    List<String> bound(List<String> values) {
        return cut.bound(values);
    }

    /** Whether it is where the values end. */
    boolean isEndOfValues(@Nullable List<String> bound) {
        return bound != null && bound.equals(endOfValues());
    }

    /** A condition; empty for the whole table. */
    String condition(ChunkRange range) {
        List<String> from = cut.values(range.from());
        List<String> to = cut.values(range.to());
        List<String> conditions = new ArrayList<>();
        if (from != null && from.isEmpty()) {
            conditions.add(row() + " IS NULL");
        } else if (from != null) {
            String above = row() + " > " + values(from);
            conditions.add(to == null && nullable() ? "(" + above + " OR " + row() + " IS NULL)" : above);
        }
        if (to != null) {
            conditions.add(to.isEmpty() ? row() + " IS NOT NULL" : row() + " <= " + values(to));
        }
        return String.join(" AND ", conditions);
    }

    /** The columns for a select list. */
    String list() {
        return String.join(", ", columns);
    }

    /** The columns in text form, for a select list. Not a cast, which a type may have defined otherwise. */
    String asText() {
        return columns.stream()
                .map(column -> "pg_catalog.format('%s', " + column + ")")
                .collect(Collectors.joining(", "));
    }

    int size() {
        return columns.size();
    }

    private String row() {
        return columns.size() == 1 ? columns.get(0) : "(" + list() + ")";
    }

    private String values(List<String> values) {
        if (values.size() != columns.size()) {
            throw new IllegalArgumentException("a bound of " + values.size() + " values for " + columns);
        }
        String list = IntStream.range(0, values.size())
                .mapToObj(i -> "CAST(" + SqlText.literal(values.get(i)) + " AS "
                        + key.types().get(i) + ")")
                .collect(Collectors.joining(", "));
        return columns.size() == 1 ? list : "(" + list + ")";
    }
}
