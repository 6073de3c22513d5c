package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import org.jspecify.annotations.Nullable;

/** Writes the columns of a row one after another. */
final class RowEncoder {
    private final ColumnWriter[] columns;
    private final RowCursor cursor = new RowCursor();
    private final RowCursor oldCursor = new RowCursor();

    RowEncoder(ColumnWriter[] columns) {
        this.columns = columns.clone();
    }

    /** Writes {@code row}; its unchanged fields come from {@code old} where that has them. */
    void write(Row row, @Nullable Row old, ByteSink out) {
        cursor.wrap(row);
        RowCursor olds = old == null ? null : oldCursor.wrap(old);
        for (ColumnWriter column : columns) {
            if (!cursor.next() || (olds != null && !olds.next())) {
                throw new IllegalStateException("a row ends before " + column.where());
            }
            column.write(cursor, olds, out);
        }
        if (cursor.next()) {
            throw new IllegalStateException("a row has more fields than the table version's " + columns.length);
        }
    }
}
