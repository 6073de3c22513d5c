package io.cdcsystem.source.split;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import java.io.Serializable;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What of the log behind a split's place was handed over before, while tables wait for their versions to be admitted: the
 * log is read again from the first waiting change on, and what the other tables had by then must not come twice.
 *
 * @param before everything below was handed over, of tables that are not in {@code waiting}
 * @param waiting for these everything below the table's own position was handed over
 */
public record HandedOver(Position before, Map<TableId, Position> waiting) implements Serializable {

    /** Copies the map, sorted, so that equal states have equal bytes. */
    public HandedOver {
        Objects.requireNonNull(before, "before");
        waiting = Collections.unmodifiableMap(new TreeMap<>(waiting));
    }

    /** Whether something at that position, of all these tables, was handed over. */
    public boolean contains(Collection<TableId> tables, Position position) {
        return tables.stream().allMatch(table -> contains(table, position));
    }

    /** Whether something of the table at that position was handed over. */
    public boolean contains(TableId table, Position position) {
        return position.compareTo(of(table)) < 0;
    }

    /** Everything of the table below that was handed over. */
    public Position of(TableId table) {
        return waiting.getOrDefault(table, before);
    }
}
