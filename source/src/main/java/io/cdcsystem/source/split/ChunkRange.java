package io.cdcsystem.source.split;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a table, half-open: rows above {@code from} up to and including {@code to}. Bounds say what the table is cut
 * by and hold values in the database's own text form, computed and compared in SQL only, since only the server knows a
 * column's order. Nobody but the database that made them looks into them.
 *
 * @param from the exclusive lower bound; null for the table's beginning
 * @param to the inclusive upper bound; null for the table's end
 */
public record ChunkRange(
        @Nullable List<String> from, @Nullable List<String> to) implements Serializable {
    /** The whole table. */
    public static final ChunkRange ALL = new ChunkRange(null, null);

    /** Copies the bounds. */
    public ChunkRange {
        from = from == null ? null : List.copyOf(from);
        to = to == null ? null : List.copyOf(to);
    }
}
