package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.postgres.catalog.TableFile;
import io.cdcsystem.source.postgres.catalog.TableFiles;
import io.cdcsystem.source.split.ChunkRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts files into ranges of blocks, whatever their sizes: adjacent ranges from before the first block of the first file to
 * behind any block of any file. A file that grows, appears or shrinks later therefore lies in exactly one of them, or in
 * several of which each has its own part. One plan, one use.
 */
final class BlockPlanner {
    /** How many small partitions one chunk reads at most. */
    private static final int FILES_MAX = 100;

    private final List<TableFile> files;
    private final double rowsPerChunk;
    private int index;
    private long block;

    private BlockPlanner(List<TableFile> files, double rowsPerChunk, @Nullable BlockBound after) {
        this.files = files;
        this.rowsPerChunk = rowsPerChunk;
        if (after != null) {
            while (index < files.size() && files.get(index).oid() < after.relation()) {
                index++;
            }
            boolean within = index < files.size() && files.get(index).oid() == after.relation();
            if (within && after.isEnd()) {
                index++;
            } else if (within) {
                block = after.block() + 1;
            }
        }
    }

    /** The next chunks of about {@code rowsPerChunk} rows. */
    static ChunkPlan plan(
            TableFiles table, @Nullable BlockBound after, double rowsPerChunk, int chunksMax, long rowsEstimated) {
        BlockPlanner planner = new BlockPlanner(table.files(), rowsPerChunk, after);
        List<ChunkRange> ranges = new ArrayList<>();
        List<String> from = after == null ? null : after.bound();
        while (ranges.size() < chunksMax) {
            BlockBound next = planner.next();
            List<String> to = next == null ? null : next.bound();
            ranges.add(new ChunkRange(from, to));
            if (to == null) {
                return new ChunkPlan(ranges, true, null, rowsEstimated);
            }
            from = to;
        }
        return new ChunkPlan(ranges, false, null, rowsEstimated);
    }

    /** Null where the rest fits. */
    private @Nullable BlockBound next() {
        double budget = rowsPerChunk;
        int whole = 0;
        boolean some = false;
        while (index < files.size()) {
            TableFile file = files.get(index);
            long left = Math.max(0, file.blocks() - block);
            long taken = (long) (budget / file.density());
            if (taken == 0 && !some) {
                taken = 1;
            }
            if (left > taken) {
                if (taken == 0) {
                    return endBefore(index);
                }
                block += taken;
                return new BlockBound(file.oid(), file.file(), block - 1);
            }
            budget -= left * file.density();
            some |= left > 0;
            whole++;
            index++;
            block = 0;
            if (whole == FILES_MAX && index < files.size()) {
                return endBefore(index);
            }
        }
        return null;
    }

    private BlockBound endBefore(int next) {
        TableFile last = files.get(next - 1);
        return BlockBound.endOf(last.oid(), last.file());
    }
}
