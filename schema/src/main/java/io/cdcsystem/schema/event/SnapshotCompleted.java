package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Objects;

/**
 * A later snapshot run of a table is complete: every row that it read has been published, and every change that any
 * generation of the run sees was handed over before this event. Keys of the table that the run did not read are gone.
 *
 * @param table the table version that deletes of such keys are written in
 * @param position where the log stands
 * @param transaction only its time is used: that of the snapshot
 * @param recordOffset the log's own offset, for the deletes' {@code source}
 * @param generation the oldest generation of the run; its {@code run} is the run
 */
public record SnapshotCompleted(
        TableSchema table, Position position, TransactionInfo transaction, long recordOffset, Generation generation)
        implements SourceEvent {

    /** Rejects missing parts. */
    public SnapshotCompleted {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(transaction, "transaction");
        Objects.requireNonNull(generation, "generation");
    }
}
