package io.cdcsystem.source.signal;

import io.cdcsystem.schema.position.Position;
import java.io.Serializable;
import java.util.Objects;

/**
 * A signal that came with the log.
 *
 * @param position what tells a signal that is read again from a new one: its epoch, its transaction's commit, and how many
 *     signals of that transaction came before it. So positions of signals rise strictly along the log and come out the
 *     same at each reading, but compare with each other only: a change's ordinal counts changes, which signals never do.
 * @param signal what was asked
 */
public record LogSignal(Position position, Signal signal) implements Serializable {

    /** Rejects missing parts. */
    public LogSignal {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(signal, "signal");
    }
}
