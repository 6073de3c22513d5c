package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Objects;

/**
 * From here on a reader hands over events of this table version. Comes once per reader and attempt before the first of them;
 * nothing is published for it.
 *
 * @param table the version
 * @param admission how its rows are published
 * @param position that of the first event
 * @param transaction that of the first event
 * @param recordOffset that of the first event
 */
public record VersionAdmitted(
        TableSchema table, Admission admission, Position position, TransactionInfo transaction, long recordOffset)
        implements SourceEvent {

    /** Rejects missing parts. */
    public VersionAdmitted {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(admission, "admission");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(transaction, "transaction");
    }

    /** What goes before the first event of its table's version. */
    public static VersionAdmitted before(SourceEvent first, Admission admission) {
        return new VersionAdmitted(
                first.table(), admission, first.position(), first.transaction(), first.recordOffset());
    }
}
