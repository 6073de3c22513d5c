package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a table's snapshot has come. Finished chunks are not listed: all numbers below {@code planned} that are not in
 * {@code unfinished} are finished, so that the size is bounded by what is planned ahead, never by the table.
 *
 * @param schema the table as its run reads it
 * @param run counts the table's snapshots
 * @param condition which rows the run reads, in SQL; null for all
 * @param stage where the run stands
 * @param oldestGeneration the first generation that any chunk of the run was assigned under; null before
 * @param logFloor what this generation sees the log need not repeat when it begins, since every row that was read has it:
 *     for tables that deduplication cannot help, and for changes from before the table was altered; null for others
 * @param storage what the table's rows were stored in when the run began; null where that is not known
 * @param planned how many chunks were planned
 * @param last the last planned range, where planning goes on; null before the first
 * @param complete whether planning reached the table's end
 * @param unfinished the planned chunks that are not known to be read, by number
 * @param rows rows of the chunks reported finished; a chunk that had to be read twice counts twice
 * @param rowsEstimated how many rows the run will read, as a guess; -1 where nothing is known
 * @param orders further runs that wait for this one's end, in order
 */
public record TableProgress(
        TableSchema schema,
        int run,
        @Nullable String condition,
        Stage stage,
        @Nullable Generation oldestGeneration,
        @Nullable Generation logFloor,
        @Nullable String storage,
        int planned,
        @Nullable ChunkRange last,
        boolean complete,
        List<PendingChunk> unfinished,
        long rows,
        long rowsEstimated,
        List<SnapshotOrder> orders) {

    /** Rejects contradicting parts. */
    public TableProgress {
        Objects.requireNonNull(stage, "stage");
        unfinished = List.copyOf(unfinished);
        orders = List.copyOf(orders);
        if (run < 1 || planned < unfinished.size() || (planned > 0) != (last != null)) {
            throw new IllegalArgumentException(schema.id() + ": run " + run + ", " + planned + " chunks planned, "
                    + unfinished.size() + " unfinished");
        }
        boolean read = complete && unfinished.isEmpty();
        if (stage == Stage.WAITING || (stage.compareTo(Stage.READ) >= 0 && !read)) {
            throw new IllegalArgumentException(schema.id() + ": " + stage + " with " + unfinished.size()
                    + " unfinished chunks of a" + (complete ? " complete" : "n incomplete") + " plan");
        }
    }
}
