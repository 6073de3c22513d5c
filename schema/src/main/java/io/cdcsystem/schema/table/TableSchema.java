package io.cdcsystem.schema.table;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * One version of a table: what its rows look like between two changes of its definition. Compared by content, so two
 * equal schemas are the same version.
 *
 * @param id the table
 * @param columns all captured columns in their order
 * @param primaryKey names of the key's columns in the order of the key's definition; empty where there is no key
 */
public record TableSchema(TableId id, List<Column> columns, List<String> primaryKey) implements Serializable {

    /** Rejects doubled columns and key columns that the table does not have. */
    public TableSchema {
        Objects.requireNonNull(id, "id");
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException("column " + column.name() + " stands twice in " + id);
            }
        }
        for (String key : primaryKey) {
            if (!names.contains(key)) {
                throw new IllegalArgumentException("key column " + key + " is not a column of " + id);
            }
        }
    }

    /** Whether rows can be told apart by key. */
    public boolean hasPrimaryKey() {
        return !primaryKey.isEmpty();
    }

    /** Index of the column of that name, or -1. */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /** Indexes of the key's columns, in the order of the key's definition. */
    public int[] keyIndexes() {
        return primaryKey.stream().mapToInt(this::indexOf).toArray();
    }
}
