package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.table.TableSchema;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known per table version: found by instance, since a reader hands over the same one with every event, and by
 * content when a reconnect made an equal one. Belongs to one thread.
 */
final class TableVersions<V> {
    private static final int INSTANCES_MAX = 4096;

    private final IdentityHashMap<TableSchema, V> byInstance = new IdentityHashMap<>();
    private final Map<TableSchema, V> byContent = new HashMap<>();
    private @Nullable TableSchema lastTable;
    private @Nullable V last;

    /** Sets what holds for that version from here on. */
    void put(TableSchema table, V value) {
        byContent.put(table, value);
        byInstance.clear();
        lastTable = null;
        last = null;
    }

    // By instance on purpose: comparing a hundred columns per event is what this avoids.
    @SuppressWarnings("ReferenceEquality")
    @Nullable
    V find(TableSchema table) {
        V known = last;
        if (table == lastTable && known != null) {
            return known;
        }
        V value = byInstance.get(table);
        if (value == null) {
            value = byContent.get(table);
            if (value == null) {
                return null;
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
