package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a table's snapshot has come. Finished chunks are not listed: all numbers below {@code planned} that are not in
 * {@code unfinished} are finished, so that the size is bounded by what is planned ahead, never by the table.
 *
 * @param schema the table as discovered
 * @param oldestGeneration the first generation that any chunk was assigned under; null before
 * @param planned how many chunks were planned
 * @param last the last planned range, where planning goes on; null before the first
 * @param complete whether planning reached the table's end
 * @param unfinished the planned chunks that are not known to be read, by number
 * @param rows rows of the chunks reported finished; a chunk that had to be read twice counts twice
 */
public record TableProgress(
        TableSchema schema,
        @Nullable Generation oldestGeneration,
        int planned,
        @Nullable ChunkRange last,
        boolean complete,
        List<PendingChunk> unfinished,
        long rows) {

    /** Rejects contradicting parts. */
    public TableProgress {
        unfinished = List.copyOf(unfinished);
        if (planned < unfinished.size() || (planned > 0) != (last != null) || (complete && planned == 0)) {
            throw new IllegalArgumentException(
                    schema.id() + ": " + planned + " chunks planned, " + unfinished.size() + " unfinished");
        }
    }

    /** Whether every row was read. */
    public boolean done() {
        return complete && unfinished.isEmpty();
    }
}
