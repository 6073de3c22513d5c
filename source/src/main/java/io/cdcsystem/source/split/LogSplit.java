package io.cdcsystem.source.split;

import io.cdcsystem.source.signal.LogSignal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log from a position on.
 *
 * @param epoch the history that the position belongs to
 * @param boundary the last transaction boundary before the position
 * @param changesAfter changes of the transaction behind the boundary that were handed over already
 * @param tables what is published, with the versions in force at the position
 * @param signals came with the log before the position, and are not known to have arrived for good
 * @param end where a bounded run stops; null to go on for ever
 * @param handedOver what was handed over although it stands behind the position, where tables waited for their versions;
 *     null where nothing was
 */
public record LogSplit(
        SourceEpoch epoch,
        ResumeToken boundary,
        long changesAfter,
        List<CapturedTable> tables,
        List<LogSignal> signals,
        @Nullable ResumeToken end,
        @Nullable HandedOver handedOver)
        implements CdcSplit {
    /** The one log split's id. */
    public static final String ID = "log";

    /** Copies the tables; rejects a negative count. */
    public LogSplit {
        tables = List.copyOf(tables);
        signals = List.copyOf(signals);
        if (changesAfter < 0) {
            throw new IllegalArgumentException("negative count of changes: " + changesAfter);
        }
    }

    /** The same where nothing behind the position was handed over. */
    public LogSplit(
            SourceEpoch epoch,
            ResumeToken boundary,
            long changesAfter,
            List<CapturedTable> tables,
            List<LogSignal> signals,
            @Nullable ResumeToken end) {
        this(epoch, boundary, changesAfter, tables, signals, end, null);
    }

    /**
     * The same place in the log, to be read from there with these tables and another end. Signals that came before it have
     * arrived.
     */
    public LogSplit assigned(List<CapturedTable> captured, @Nullable ResumeToken newEnd) {
        return new LogSplit(epoch, boundary, changesAfter, captured, List.of(), newEnd, handedOver);
    }

    @Override
    public String splitId() {
        return ID;
    }
}
