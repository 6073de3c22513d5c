package io.cdcsystem.source.database;

import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The next chunks of a table, in order.
 *
 * @param ranges adjacent ranges that continue where planning left off
 * @param complete whether the last range reaches the table's end
 * @param storage names what the table's rows are stored in now, for {@link SnapshotSplit#storage()}; null where that does
 *     not matter
 * @param rowsEstimated how many rows the whole table has, as a guess; -1 where nothing is known
 */
public record ChunkPlan(
        List<ChunkRange> ranges, boolean complete, @Nullable String storage, long rowsEstimated) {

    /** Rejects a plan that goes nowhere. */
    public ChunkPlan {
        ranges = List.copyOf(ranges);
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("a plan has at least one range");
        }
    }
}
