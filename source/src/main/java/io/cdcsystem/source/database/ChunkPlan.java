package io.cdcsystem.source.database;

import io.cdcsystem.source.split.ChunkRange;
import java.util.List;

/**
 * The next chunks of a table, in order.
 *
 * @param ranges adjacent ranges that continue where planning left off
 * @param complete whether the last range reaches the table's end
 */
public record ChunkPlan(List<ChunkRange> ranges, boolean complete) {

    /** Rejects a plan that goes nowhere. */
    public ChunkPlan {
        ranges = List.copyOf(ranges);
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("a plan has at least one range");
        }
    }
}
