package io.cdcsystem.source.enumerator;

import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was fixed when the capture began, and how far it has come.
 *
 * @param epoch the history it belongs to
 * @param logStart where reading the log begins
 * @param logEnd where the run that wrote this was to stop, which binds no later one; null to go on for ever
 * @param run the snapshot run that the chunks belong to
 * @param generations how many generations were opened
 * @param tables the tables, by name
 * @param logAssigned whether a reader holds the log, or held it until a bounded run's end
 * @param logReturned the log as a reader gave it back, to be assigned again; null otherwise
 */
public record Capture(
        SourceEpoch epoch,
        ResumeToken logStart,
        @Nullable ResumeToken logEnd,
        int run,
        int generations,
        List<TableProgress> tables,
        boolean logAssigned,
        @Nullable LogSplit logReturned) {

    /** Copies the tables; rejects a log that is in two places. */
    public Capture {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(logStart, "logStart");
        tables = List.copyOf(tables);
        if (run < 1 || generations < 1) {
            throw new IllegalArgumentException("run " + run + ", generations " + generations);
        }
        if (logAssigned && logReturned != null) {
            throw new IllegalArgumentException("the log is assigned and given back");
        }
    }
}
