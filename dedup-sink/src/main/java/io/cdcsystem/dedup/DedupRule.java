package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import org.jspecify.annotations.Nullable;

/**
 * Whether an event adds to what was published for its key. Pure.
 *
 * <p>A change of the log is a repeat when its position is not above the key's last one, and was already read when the
 * generation that read the key sees its transaction. A row read is a repeat when the key was read in the same run (the
 * earlier row stands: the log brings what it could not see), and stale when the key's last log event is of a transaction
 * that its generation does not see. A key that a complete run did not read is gone, unless its last log event is one that
 * the run's oldest generation does not see: then the log decides.
 *
 * <p>Rows of tables without key are all published, in every run again: nothing tells two of them apart, and none that is
 * gone can be told.
 *
 * <p>Transaction ids only compare within one epoch: after a failover the new server may give an id again that the lost
 * one had used. Across epochs the later history wins.
 */
public final class DedupRule {
    private DedupRule() {}

    /** The verdict on {@code event}, given what was published for its key. */
    static Verdict decide(@Nullable KeyState state, ChangeEvent event, Generations generations) {
        Generation reading = event.generation();
        if (reading != null) {
            // Without a key, equal rows are as good as different ones: none can be told to be a repeat.
            return event.key() == null || state == null ? Verdict.EMIT : decideRow(state, reading);
        }
        return state == null ? Verdict.EMIT : decideLog(state, event, generations);
    }

    private static Verdict decideRow(KeyState state, Generation reading) {
        if (state.run() == reading.run()) {
            return Verdict.REPEAT;
        }
        if (state.run() > reading.run() || changedSince(state, reading)) {
            return Verdict.STALE_ROW;
        }
        return Verdict.EMIT;
    }

    /** Whether the key's last log event is one that the generation does not contain. */
    private static boolean changedSince(KeyState state, Generation reading) {
        int epoch = reading.position().epoch();
        // Without log event the epoch is below every other.
        return state.epoch() == epoch ? !reading.visibility().sees(state.transactionId()) : state.epoch() > epoch;
    }

    private static Verdict decideLog(KeyState state, ChangeEvent event, Generations generations) {
        if (state.hasLog() && state.reached(event.position())) {
            return Verdict.REPEAT;
        }
        if (state.hasRow()) {
            Generation read = generations.get(state.generation());
            if (read.position().epoch() == event.position().epoch()
                    && read.visibility().sees(event.transactionId())) {
                return Verdict.ALREADY_READ;
            }
        }
        return Verdict.EMIT;
    }

    /**
     * Whether a key is gone that has this state when its table's run is complete.
     *
     * @param oldest the run's oldest generation
     */
    static boolean isGone(KeyState state, Generation oldest) {
        return !state.deleted() && state.run() < oldest.run() && !changedSince(state, oldest);
    }

    /** The key's state once {@code event} was published; null where there is nothing to remember. */
    static @Nullable KeyState after(@Nullable KeyState state, ChangeEvent event) {
        return event.key() == null && event.generation() != null ? null : KeyState.after(state, event);
    }

    /**
     * Where the row of an event is published, given what was published for its key before: at its generation's own
     * position as long as that is above, and otherwise behind the key's last change or row, which it contains. So positions
     * never fall from one record of a key to the next, and one state gives the same event the same position again.
     */
    static Position rowPosition(@Nullable KeyState state, ChangeEvent event, Generations generations) {
        Generation reading = event.generation();
        if (reading == null || state == null || event.key() == null) {
            return event.position();
        }
        Position last = lastCommit(state, reading, generations);
        return Long.compareUnsigned(last.commit(), reading.position().commit()) < 0
                ? event.position()
                : last.behind(reading.number());
    }

    /** Where the delete of a key that is gone is published: behind its last change, its last row, and the run's rows. */
    static Position gonePosition(KeyState state, Generation oldest, Generations generations) {
        Position last = lastCommit(state, oldest, generations);
        Position read = oldest.position();
        return (Long.compareUnsigned(last.commit(), read.commit()) < 0 ? read : last).behind(oldest.number());
    }

    /** The highest commit that something of this key was published at, in the epoch of {@code reading}. */
    private static Position lastCommit(KeyState state, Generation reading, Generations generations) {
        int epoch = reading.position().epoch();
        long commit = state.epoch() == epoch ? state.commit() : 0;
        if (state.hasRow()) {
            Position row = generations.get(state.generation()).position();
            if (row.epoch() == epoch && Long.compareUnsigned(row.commit(), commit) > 0) {
                commit = row.commit();
            }
        }
        return new Position(epoch, commit, 0);
    }
}
