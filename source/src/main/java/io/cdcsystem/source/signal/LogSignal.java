package io.cdcsystem.source.signal;

import io.cdcsystem.schema.position.Position;
import java.io.Serializable;
import java.util.Objects;

/**
 * A signal that came with the log.
 *
 * @param position where it stood: what tells a signal that is read again from a new one
 * @param signal what was asked
 */
public record LogSignal(Position position, Signal signal) implements Serializable {

    /** Rejects missing parts. */
    public LogSignal {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(signal, "signal");
    }
}
