package io.cdcsystem.source.database;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import java.util.Objects;

/**
 * A change of a captured table's definition, at its place among a batch's events.
 *
 * @param before the index of the event that it precedes; the number of events where it follows all of them
 * @param change what happened
 * @param position where in the order of the source: that of the change of a row that comes next in its transaction
 * @param transaction the transaction that made it; of an inferred drop only its place counts
 */
public record DefinitionChange(int before, TableChange change, Position position, TransactionInfo transaction) {

    /** Rejects a negative index. */
    public DefinitionChange {
        Objects.requireNonNull(change, "change");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(transaction, "transaction");
        if (before < 0) {
            throw new IllegalArgumentException("a change before event " + before);
        }
    }
}
