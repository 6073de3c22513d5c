package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.position.Generation;
import org.jspecify.annotations.Nullable;

/**
 * Whether an event adds to what was published for its key. Pure.
 *
 * <p>A change of the log is a repeat when its position is not above the key's last one, and was already read when the
 * generation that read the key sees its transaction. A row read is a repeat when the key was read in the same run (the
 * earlier row stands: the log brings what it could not see), and stale when the key's last log event is of a transaction
 * that its generation does not see.
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
        if (state.run() > reading.run()) {
            return Verdict.STALE_ROW;
        }
        if (!state.hasLog()) {
            return Verdict.EMIT;
        }
        int epoch = reading.position().epoch();
        boolean newer =
                state.epoch() == epoch ? !reading.visibility().sees(state.transactionId()) : state.epoch() > epoch;
        return newer ? Verdict.STALE_ROW : Verdict.EMIT;
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

    /** The key's state once {@code event} was published; null where there is nothing to remember. */
    static @Nullable KeyState after(@Nullable KeyState state, ChangeEvent event) {
        return event.key() == null && event.generation() != null ? null : KeyState.after(state, event);
    }
}
