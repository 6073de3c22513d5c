package io.cdcsystem.source.database;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.split.ResumeToken;
import java.util.List;
import java.util.Objects;

/**
 * Changes of the log in order, and where reading goes on behind them. Whole transactions where they fit the byte
 * budget, so that no checkpoint barrier splits them; a larger one comes in slices.
 *
 * @param events the changes; may be empty where only the position moved
 * @param boundary the last transaction boundary at or before the end of {@code events}
 * @param changesAfter how many changes of the transaction behind {@code boundary} have been handed over
 * @param newVersions table versions that begin within this batch, in order; a restart at the batch's end needs them
 * @param changes changes of captured tables' definitions, in the order of the events that they precede
 * @param signals what people asked for within this batch, in order
 */
public record LogBatch(
        List<SourceEvent> events,
        ResumeToken boundary,
        long changesAfter,
        List<TableSchema> newVersions,
        List<DefinitionChange> changes,
        List<LogSignal> signals) {

    /** Rejects a negative count; the lists are not copied. */
    public LogBatch {
        Objects.requireNonNull(events, "events");
        Objects.requireNonNull(boundary, "boundary");
        Objects.requireNonNull(newVersions, "newVersions");
        Objects.requireNonNull(changes, "changes");
        Objects.requireNonNull(signals, "signals");
        if (changesAfter < 0) {
            throw new IllegalArgumentException("negative count of changes: " + changesAfter);
        }
    }
}
