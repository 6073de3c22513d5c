package io.cdcsystem.schema.table;

import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table version.
 *
 * @param name its name, as the database has it
 * @param type how its values are carried
 * @param nullable whether it may be null
 * @param defaultValue the constant that the database fills in, in the layout of {@code type}; a type's zero for a
 *     default that is a function; null where there is none
 * @param sourceType the database's own name of the type, for messages and notices
 */
public record Column(
        String name,
        ColumnType type,
        boolean nullable,
        @Nullable FieldValue defaultValue,
        String sourceType) implements Serializable {

    /** Rejects missing parts. */
    public Column {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a column's name is never empty");
        }
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(sourceType, "sourceType");
    }
}
