package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;

/** Writes the key columns of a row in the order of the key's definition. */
final class KeyEncoder {
    private final ColumnWriter[] columns;
    private final int[] keyIndexes;
    private final int[] offsets;
    private final int[] lengths;
    private final RowCursor cursor = new RowCursor();

    /** The writers in the order of the key, the indexes of their columns, and the table's number of columns. */
    KeyEncoder(ColumnWriter[] columns, int[] keyIndexes, int width) {
        this.columns = columns.clone();
        this.keyIndexes = keyIndexes.clone();
        this.offsets = new int[width];
        this.lengths = new int[width];
    }

    /** Writes the key's fields; rows are walked once, since the key's order may differ from the columns'. */
    void write(Row row, ByteSink out) {
        cursor.wrap(row);
        for (int i = 0; i < offsets.length; i++) {
            if (!cursor.next()) {
                throw new IllegalStateException("a row has " + i + " of " + offsets.length + " fields");
            }
            offsets[i] = cursor.offset();
            lengths[i] = cursor.length();
        }
        for (int i = 0; i < columns.length; i++) {
            int index = keyIndexes[i];
            if (lengths[index] < 0) {
                throw new CdcException(
                        ErrorCode.VALUE_UNREPRESENTABLE,
                        "the row holds no value of the key column " + columns[i].where()
                                + "; make the primary key the table's replica identity");
            }
            columns[i].writeKey(row.array(), offsets[index], lengths[index], out);
        }
    }
}
