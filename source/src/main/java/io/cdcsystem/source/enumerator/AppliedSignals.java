package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalChannelConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Up to where signals were applied, so that none is applied twice when the log or the channel is read again.
 *
 * @param logPosition the position of the last one that came with the log; null before the first
 * @param channelOffset where the channel is polled next; {@link SignalChannelConfig#FROM_NOW_ON} before the first poll
 * @param unfinished signals before that whose carrying out takes longer than a moment, and has not come to its end
 */
public record AppliedSignals(@Nullable Position logPosition, long channelOffset, List<Signal> unfinished) {
    /** None yet. */
    public static final AppliedSignals NONE = new AppliedSignals(null, SignalChannelConfig.FROM_NOW_ON, List.of());

    /** Copies the list. */
    public AppliedSignals {
        unfinished = List.copyOf(unfinished);
    }

    /** Whether a signal at that position of the log was applied. */
    boolean hasApplied(Position position) {
        return logPosition != null && position.compareTo(logPosition) <= 0;
    }

    AppliedSignals upTo(Position position) {
        return new AppliedSignals(position, channelOffset, unfinished);
    }

    AppliedSignals upTo(long offset) {
        return new AppliedSignals(logPosition, offset, unfinished);
    }

    AppliedSignals with(Signal signal) {
        List<Signal> more = new ArrayList<>(unfinished);
        more.add(signal);
        return new AppliedSignals(logPosition, channelOffset, more);
    }

    AppliedSignals without(Signal signal) {
        List<Signal> fewer = new ArrayList<>(unfinished);
        fewer.remove(signal);
        return new AppliedSignals(logPosition, channelOffset, fewer);
    }
}
