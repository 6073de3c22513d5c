package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.table.TableSchema;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was made once per table version: found by instance, since a reader hands over the same one with every event, and by
 * content when a reconnect made an equal one. Belongs to one thread.
 */
final class TableVersions<V> {
    private static final int INSTANCES_MAX = 4096;

    private final Function<TableSchema, V> maker;
    private final IdentityHashMap<TableSchema, V> byInstance = new IdentityHashMap<>();
    private final Map<TableSchema, V> byContent = new HashMap<>();
    private @Nullable TableSchema lastTable;
    private @Nullable V last;

    TableVersions(Function<TableSchema, V> maker) {
        this.maker = maker;
    }

    // By instance on purpose: comparing a hundred columns per event is what this avoids.
    @SuppressWarnings("ReferenceEquality")
    V of(TableSchema table) {
        V known = last;
        if (table == lastTable && known != null) {
            return known;
        }
        V value = byInstance.get(table);
        if (value == null) {
            value = byContent.get(table);
            if (value == null) {
                value = maker.apply(table);
                byContent.put(table, value);
            }
            if (byInstance.size() == INSTANCES_MAX) {
                // Equal instances of former connections; those in use come back by their content.
                byInstance.clear();
            }
            byInstance.put(table, value);
        }
        lastTable = table;
        last = value;
        return value;
    }
}
