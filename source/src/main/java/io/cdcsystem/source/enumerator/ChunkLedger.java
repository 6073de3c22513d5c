package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.ChunkRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a table's current run, and those of any run that readers still hold. Finished chunks are not kept.
 * Coordinator thread only.
 */
final class ChunkLedger {
    /** A chunk that a reader holds, of whichever run. */
    private record Held(int run, int chunk) {}

    private int planned;
    private @Nullable ChunkRange last;
    private boolean complete;
    private final SortedMap<Integer, ChunkRange> unfinished = new TreeMap<>();
    /** The unfinished chunks that no reader holds. */
    private final SortedMap<Integer, ChunkRange> waiting = new TreeMap<>();
    /** The chunks that readers hold, with the number of the generation they read under. */
    private final Map<Held, Integer> held =
            new TreeMap<>(Comparator.comparingInt(Held::run).thenComparingInt(Held::chunk));

    /** Goes on from a state: no chunk is with a reader until one says so. */
    void restore(TableProgress progress) {
        planned = progress.planned();
        last = progress.last();
        complete = progress.complete();
        for (PendingChunk chunk : progress.unfinished()) {
            unfinished.put(chunk.number(), chunk.range());
            waiting.put(chunk.number(), chunk.range());
        }
    }

    /** Takes over what readers hold. */
    void adopt(ChunkLedger before) {
        held.putAll(before.held);
    }

    /** Whether a reader holds any chunk, of whichever run. */
    boolean isHeld() {
        return !held.isEmpty();
    }

    /** Another run begins; what readers hold of the one before they still hold. */
    void clear() {
        planned = 0;
        last = null;
        complete = false;
        unfinished.clear();
        waiting.clear();
    }

    /** Nothing is left to plan or to hand out. */
    void close() {
        complete = true;
        unfinished.clear();
        waiting.clear();
    }

    /** Takes in a plan; refuses one that does not continue where planning stands. */
    void add(TableId table, @Nullable ChunkRange after, ChunkPlan plan) {
        // It would lose or double rows.
        if (complete || !Objects.equals(after, last)) {
            throw new IllegalStateException(table + ": a plan after " + after + " where planning is at " + last);
        }
        for (ChunkRange range : plan.ranges()) {
            unfinished.put(planned, range);
            waiting.put(planned, range);
            planned++;
            last = range;
        }
        complete = plan.complete();
    }

    /** The next waiting chunk is with a reader from now on. */
    PendingChunk take(int run, int generation) {
        Integer number = waiting.firstKey();
        ChunkRange range = Objects.requireNonNull(waiting.remove(number));
        held.put(new Held(run, number), generation);
        return new PendingChunk(number, range);
    }

    /** No reader holds that chunk any more, of whichever run. */
    void released(int run, int chunk) {
        held.remove(new Held(run, chunk));
    }

    /** A chunk of the current run was read; whether that was not known before. */
    boolean finish(int chunk) {
        waiting.remove(chunk);
        return unfinished.remove(chunk) != null;
    }

    /** A chunk of the current run is to be handed out again, if it is not read. */
    void putBack(int chunk) {
        ChunkRange range = unfinished.get(chunk);
        if (range != null) {
            waiting.put(chunk, range);
        }
    }

    /** A chunk of the current run is unread again, whatever was said before. */
    void undo(TableId table, int chunk, ChunkRange range) {
        if (chunk >= planned) {
            throw new IllegalStateException(table + ": chunk " + chunk + " came back of " + planned);
        }
        unfinished.put(chunk, range);
        waiting.put(chunk, range);
    }

    /** Whether every chunk of the run was read, and no reader holds any of another. */
    boolean isRead() {
        return complete && unfinished.isEmpty() && held.isEmpty();
    }

    boolean isComplete() {
        return complete;
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    int waitingCount() {
        return waiting.size();
    }

    int plannedCount() {
        return planned;
    }

    int finishedCount() {
        return planned - unfinished.size();
    }

    /** Where planning goes on; null before it has begun. */
    @Nullable
    ChunkRange last() {
        return last;
    }

    /** Whether a reader still reads under the generation of that number. */
    boolean holds(int generation) {
        return held.containsValue(generation);
    }

    List<PendingChunk> pending() {
        List<PendingChunk> pending = new ArrayList<>();
        unfinished.forEach((number, range) -> pending.add(new PendingChunk(number, range)));
        return pending;
    }
}
