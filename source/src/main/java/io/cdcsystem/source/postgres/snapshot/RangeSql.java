package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.split.ChunkRange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A chunk's bounds as SQL: the server alone compares them, in the order and collation of the column's own type.
 *
 * @param columns what the table is cut by, as SQL
 * @param types the SQL types of these
 */
record RangeSql(List<String> columns, List<String> types) {

    /** By the key, or where there is none by the rows' place in the file. */
    static RangeSql of(TableSchema table) {
        if (!table.hasPrimaryKey()) {
            return new RangeSql(List.of("ctid"), List.of("tid"));
        }
        List<String> types = new ArrayList<>();
        for (int index : table.keyIndexes()) {
            Column column = table.columns().get(index);
            types.add(column.sourceType());
        }
        return new RangeSql(table.primaryKey().stream().map(SqlText::identifier).toList(), types);
    }

    /** A WHERE clause with a leading blank; empty for the whole table. */
    String where(ChunkRange range) {
        List<String> from = range.from();
        List<String> to = range.to();
        List<String> conditions = new ArrayList<>();
        if (from != null) {
            conditions.add(row() + " > " + bound(from));
        }
        if (to != null) {
            conditions.add(row() + " <= " + bound(to));
        }
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    /** The columns in text form, for a select list. */
    String asText() {
        return columns.stream().map(column -> column + "::text").collect(Collectors.joining(", "));
    }

    /** For ORDER BY. */
    String order() {
        return String.join(", ", columns);
    }

    private String row() {
        return columns.size() == 1 ? columns.get(0) : "(" + String.join(", ", columns) + ")";
    }

    private String bound(List<String> values) {
        if (values.size() != columns.size()) {
            throw new IllegalArgumentException("a bound of " + values.size() + " values for " + columns);
        }
        String list = IntStream.range(0, values.size())
                .mapToObj(i -> "CAST(" + SqlText.literal(values.get(i)) + " AS " + types.get(i) + ")")
                .collect(Collectors.joining(", "));
        return columns.size() == 1 ? list : "(" + list + ")";
    }
}
