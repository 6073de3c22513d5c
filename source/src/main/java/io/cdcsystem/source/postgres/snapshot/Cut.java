package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.source.split.ChunkRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a table's chunks are cut by. A bound's first element says it, so that a table goes on as it was begun even where
 * its index or the configuration changes on the way.
 */
sealed interface Cut {

    /** By the key: {@code [key, value, …]}. */
    record ByKey() implements Cut {
        private static final String NAME = "key";
    }

    /**
     * By one column that may hold a value many times, or NULL: {@code [column, name, value]}; without the value the bound
     * stands between the last value and the NULLs.
     *
     * @param name the column
     */
    record ByColumn(String name) implements Cut {
        private static final String NAME = "column";
    }

    /** By the rows' place in the table's files: see {@link BlockBound}. */
    record ByBlocks() implements Cut {
        private static final String NAME = "blocks";
    }

    /** What bounds of {@code range} are; null for the whole table, which is not cut. */
    static @Nullable Cut of(ChunkRange range) {
        List<String> bound = range.from() == null ? range.to() : range.from();
        return bound == null ? null : of(bound);
    }

    /** What a bound is. */
    static Cut of(List<String> bound) {
        String name = bound.isEmpty() ? "" : bound.get(0);
        return switch (name) {
            case ByKey.NAME -> new ByKey();
            case ByColumn.NAME -> new ByColumn(bound.get(1));
            case ByBlocks.NAME -> new ByBlocks();
            default -> throw new IllegalArgumentException("not the bound of a chunk: " + bound);
        };
    }

    /** A bound of these values. */
    default List<String> bound(List<String> values) {
        List<String> bound = new ArrayList<>(prefix());
        bound.addAll(values);
        return bound;
    }

    /** The values of a bound; null for no bound. */
    default @Nullable List<String> values(@Nullable List<String> bound) {
        if (bound == null) {
            return null;
        }
        List<String> prefix = prefix();
        if (bound.size() < prefix.size() || !bound.subList(0, prefix.size()).equals(prefix)) {
            throw new IllegalArgumentException("a bound " + bound + " of a table cut by " + this);
        }
        return bound.subList(prefix.size(), bound.size());
    }

    private List<String> prefix() {
        if (this instanceof ByColumn column) {
            return List.of(ByColumn.NAME, column.name());
        }
        return List.of(this instanceof ByKey ? ByKey.NAME : ByBlocks.NAME);
    }
}
