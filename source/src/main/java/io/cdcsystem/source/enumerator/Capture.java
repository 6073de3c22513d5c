package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What was fixed when the capture began, and how far it has come.
 *
 * @param epoch the history it belongs to
 * @param logStart where reading the log begins
 * @param logEnd where the run that wrote this was to stop, which binds no later one; null to go on for ever
 * @param runs the highest number that any table's run has had
 * @param generations how many generations were opened
 * @param tables the tables, in the order of reading
 * @param logAssigned whether a reader holds the log, or held it until a bounded run's end
 * @param logReturned the log as a reader gave it back, to be assigned again; null otherwise
 * @param paused whether reading rows is paused
 * @param added tables that are captured by a signal, whatever the configuration says
 * @param removed tables that are not captured by a signal, whatever the configuration says
 * @param signals the signals that were applied
 */
public record Capture(
        SourceEpoch epoch,
        ResumeToken logStart,
        @Nullable ResumeToken logEnd,
        int runs,
        int generations,
        List<TableProgress> tables,
        boolean logAssigned,
        @Nullable LogSplit logReturned,
        boolean paused,
        Set<TableId> added,
        Set<TableId> removed,
        AppliedSignals signals) {

    /** Copies the collections; rejects a log that is in two places. */
    public Capture {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(logStart, "logStart");
        Objects.requireNonNull(signals, "signals");
        tables = List.copyOf(tables);
        // Sorted, so that equal states have equal bytes.
        added = java.util.Collections.unmodifiableSet(new TreeSet<>(added));
        removed = java.util.Collections.unmodifiableSet(new TreeSet<>(removed));
        if (runs < 1 || generations < 0) {
            throw new IllegalArgumentException("runs " + runs + ", generations " + generations);
        }
        if (logAssigned && logReturned != null) {
            throw new IllegalArgumentException("the log is assigned and given back");
        }
    }
}
