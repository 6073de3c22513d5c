package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import org.jspecify.annotations.Nullable;

/**
 * What was published for one key. There is one per key, so it holds primitives and no further objects.
 *
 * @param epoch epoch of the last log position, -1 before the first log event
 * @param commit commit of the last log position
 * @param ordinal ordinal of the last log position
 * @param transactionId the transaction of the last log event
 * @param run the snapshot run that the published row was read in, or was found gone in; 0 before the first
 * @param generation the number of the generation that said so, 0 before the first
 * @param deleted whether the last thing published was a DELETE
 */
public record KeyState(
        int epoch, long commit, int ordinal, long transactionId, int run, int generation, boolean deleted) {
    private static final int NO_LOG = -1;

    /** Rejects a row without generation, and a state that neither a log event nor a snapshot made. */
    public KeyState {
        if ((run == 0) != (generation == 0) || run < 0 || generation < 0) {
            throw new IllegalArgumentException("run " + run + " and generation " + generation + " go together");
        }
        if (epoch < NO_LOG || (epoch == NO_LOG && run == 0)) {
            throw new IllegalArgumentException("a state without log event is a snapshot's");
        }
    }

    /** The state after {@code event} was published. */
    static KeyState after(@Nullable KeyState before, ChangeEvent event) {
        Generation read = event.generation();
        if (read != null) {
            return before == null
                    ? new KeyState(NO_LOG, 0, 0, 0, read.run(), read.number(), false)
                    : new KeyState(
                            before.epoch,
                            before.commit,
                            before.ordinal,
                            before.transactionId,
                            read.run(),
                            read.number(),
                            false);
        }
        Position position = event.position();
        return new KeyState(
                position.epoch(),
                position.commit(),
                position.ordinal(),
                event.transactionId(),
                before == null ? 0 : before.run,
                before == null ? 0 : before.generation,
                event.op() == Op.DELETE);
    }

    /** The state after the key was found gone and its delete was published. */
    KeyState gone(Generation missing) {
        return new KeyState(epoch, commit, ordinal, transactionId, missing.run(), missing.number(), true);
    }

    /** Whether an event of the log was published. */
    public boolean hasLog() {
        return epoch != NO_LOG;
    }

    /** Whether a snapshot read the key, or found it gone. */
    public boolean hasRow() {
        return generation != 0;
    }

    /** Whether {@code position} is not above the last log position; compares as {@link Position} does. */
    public boolean reached(Position position) {
        if (epoch != position.epoch()) {
            return epoch > position.epoch();
        }
        int byCommit = Long.compareUnsigned(commit, position.commit());
        return byCommit != 0 ? byCommit > 0 : ordinal >= position.ordinal();
    }
}
