package io.cdcsystem.source.postgres;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of one table is captured, and how it is cut.
 *
 * @param table {@code schema.table}, by name and not as a pattern
 * @param columns the columns that are captured, of which the primary key's are always some; empty for all
 * @param where which rows are captured, as a condition in SQL; null for all
 * @param chunkKeyColumn what a table without primary key is cut by; null for the rows' place in the file
 */
public record TableSelect(
        String table,
        List<String> columns,
        @Nullable String where,
        @Nullable String chunkKeyColumn) implements Serializable {

    /** Copies the columns. */
    public TableSelect {
        Objects.requireNonNull(table, "table");
        columns = List.copyOf(columns);
    }
}
