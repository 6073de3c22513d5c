package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * One row read, inserted, updated or deleted.
 *
 * @param table the table version that both rows are laid out in
 * @param op READ, CREATE, UPDATE or DELETE
 * @param before the old row as far as it was logged (fields may be ABSENT); null where none was
 * @param after the new row (fields may be UNCHANGED); null for DELETE
 * @param position what deduplication compares
 * @param transaction what the transaction shares
 * @param recordOffset the log's own offset of the record
 * @param generation the generation that read the row; exactly for READ
 */
public record RowChange(
        TableSchema table,
        Op op,
        @Nullable Row before,
        @Nullable Row after,
        Position position,
        TransactionInfo transaction,
        long recordOffset,
        @Nullable Generation generation)
        implements SourceEvent {

    /** Rejects images and a generation that contradict the operation. */
    public RowChange {
        boolean wantsAfter = op != Op.DELETE;
        if (op == Op.TRUNCATE || wantsAfter != (after != null)) {
            throw new IllegalArgumentException(op + " with" + (after == null ? "out" : "") + " an after image");
        }
        if ((op == Op.READ) != (generation != null)) {
            throw new IllegalArgumentException("exactly a READ belongs to a generation, not a " + op);
        }
        if (before != null && (op == Op.READ || op == Op.CREATE)) {
            throw new IllegalArgumentException(op + " with a before image");
        }
    }
}
