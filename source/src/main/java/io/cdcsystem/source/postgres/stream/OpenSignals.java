package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import java.util.ArrayList;
import java.util.List;

/**
 * The signals of the open transaction that are not handed over yet.
 *
 * <p>A signal consumes no ordinal, so that changes count alike whether signals are asked for or not. Instead it goes with
 * the change behind it, or the commit: a slice that ends after {@code n} changes takes the signals that came before the
 * n-th, and a resumed reading that skips {@code n} changes skips exactly those.
 */
final class OpenSignals {
    private final List<Held> held = new ArrayList<>();
    private int count;

    /**
     * A signal that waits.
     *
     * @param changesBefore how many changes of the transaction came before it
     */
    private record Held(long changesBefore, LogSignal signal) {}

    /** A transaction begins. */
    void begin() {
        count = 0;
    }

    /** Counts one that was handed over by an earlier reading. */
    void skip() {
        count++;
    }

    /** Takes one in. */
    void add(int epoch, long commit, long changesBefore, Signal signal) {
        held.add(new Held(changesBefore, new LogSignal(new Position(epoch, commit, count++), signal)));
    }

    /** Those that go with a slice that ends after this many changes; they are gone here then. */
    List<LogSignal> takeBefore(long changes) {
        List<LogSignal> taken = new ArrayList<>();
        held.removeIf(one -> {
            boolean goes = one.changesBefore() < changes;
            if (goes) {
                taken.add(one.signal());
            }
            return goes;
        });
        return taken;
    }

    /** The transaction is read again behind this many changes: what comes behind them comes again. */
    void forgetBehind(long changes) {
        held.removeIf(one -> one.changesBefore() >= changes);
    }
}
