package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.ChunkRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The mutable twin of {@link TableProgress}: one table's chunks. Coordinator thread only. */
final class TableWork {
    private final TableSchema schema;
    private @Nullable Generation oldestGeneration;
    private int planned;
    private @Nullable ChunkRange last;
    private boolean complete;
    private int deferrals;
    private final SortedMap<Integer, ChunkRange> unfinished = new TreeMap<>();
    /** The unfinished chunks that no reader holds. */
    private final SortedMap<Integer, ChunkRange> waiting = new TreeMap<>();

    private long rows;

    TableWork(TableSchema schema) {
        this.schema = schema;
    }

    /** Restored: no chunk is with a reader until one says so. */
    TableWork(TableProgress progress) {
        this(progress.schema());
        oldestGeneration = progress.oldestGeneration();
        planned = progress.planned();
        last = progress.last();
        complete = progress.complete();
        rows = progress.rows();
        for (PendingChunk chunk : progress.unfinished()) {
            unfinished.put(chunk.number(), chunk.range());
            waiting.put(chunk.number(), chunk.range());
        }
    }

    TableProgress progress() {
        List<PendingChunk> pending = new ArrayList<>();
        unfinished.forEach((number, range) -> pending.add(new PendingChunk(number, range)));
        return new TableProgress(schema, oldestGeneration, planned, last, complete, pending, rows);
    }

    void planned(@Nullable ChunkRange after, ChunkPlan plan) {
        // A plan that does not continue where planning stands would lose or double rows.
        if (complete || !Objects.equals(after, last)) {
            throw new IllegalStateException(schema.id() + ": a plan after " + after + " where planning is at " + last);
        }
        for (ChunkRange range : plan.ranges()) {
            unfinished.put(planned, range);
            waiting.put(planned, range);
            planned++;
            last = range;
        }
        complete = plan.complete();
    }

    void deferred() {
        deferrals++;
    }

    /** How often planning had to be put off; not kept over a restore. */
    int deferredCount() {
        return deferrals;
    }

    Map.Entry<Integer, ChunkRange> take(Generation generation) {
        Integer number = waiting.firstKey();
        ChunkRange range = Objects.requireNonNull(waiting.remove(number));
        if (oldestGeneration == null) {
            oldestGeneration = generation;
        }
        return Map.entry(number, range);
    }

    /** Whether it was not known before. */
    boolean finished(int number, long rowsRead) {
        waiting.remove(number);
        if (unfinished.remove(number) == null) {
            return false;
        }
        rows += rowsRead;
        return true;
    }

    /** Also a chunk that was reported finished is unread again: its reader went back to before it read it. */
    void back(int number, ChunkRange range) {
        if (number >= planned) {
            throw new IllegalStateException(schema.id() + ": chunk " + number + " came back of " + planned);
        }
        unfinished.put(number, range);
        waiting.put(number, range);
    }

    TableSchema schema() {
        return schema;
    }

    @Nullable
    Generation oldestGeneration() {
        return oldestGeneration;
    }

    @Nullable
    ChunkRange last() {
        return last;
    }

    boolean complete() {
        return complete;
    }

    boolean done() {
        return complete && unfinished.isEmpty();
    }

    int plannedCount() {
        return planned;
    }

    int finishedCount() {
        return planned - unfinished.size();
    }

    int waitingCount() {
        return waiting.size();
    }

    long rows() {
        return rows;
    }
}
