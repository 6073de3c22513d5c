package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.field.FieldEncoder;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import org.jspecify.annotations.Nullable;

/**
 * Writes one column's field of a row: a value through its encoder, everything else as a constant encoded ahead.
 *
 * @param where table and column, for messages
 * @param label what stands before the field: a JSON name, nothing in Avro
 * @param branch what stands before a value: Avro's union branch, nothing in JSON
 * @param value the encoder of the column's type
 * @param substitute what is written for a null and for a field outside of the replica identity
 * @param placeholder what is written for an unchanged value that was not logged; null where the type has no such form
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; the arrays are written on the hot path.
record ColumnWriter(
        String where,
        byte[] label,
        byte[] branch,
        FieldEncoder value,
        byte[] substitute,
        byte @Nullable [] placeholder) {

    /** Writes a field; {@code old} stands at the same column of the old row, or is null where there is none. */
    void write(RowCursor field, @Nullable RowCursor old, ByteSink out) {
        out.put(label);
        if (field.hasValue()) {
            writeValue(field, out);
        } else if (field.length() != Row.UNCHANGED) {
            out.put(substitute);
        } else if (old != null && old.hasValue()) {
            writeValue(old, out);
        } else if (old != null && old.length() == Row.NULL) {
            out.put(substitute);
        } else if (placeholder != null) {
            out.put(placeholder);
        } else {
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "the unchanged value of " + where
                            + " was not logged, the column is required and its type has no placeholder;"
                            + " set REPLICA IDENTITY FULL for the table or exclude the column");
        }
    }

    /** Writes the field of a key, which is always a value. */
    void writeKey(byte[] array, int offset, int length, ByteSink out) {
        out.put(label);
        out.put(branch);
        value.encode(array, offset, length, out);
    }

    private void writeValue(RowCursor field, ByteSink out) {
        out.put(branch);
        value.encode(field.array(), field.offset(), field.length(), out);
    }
}
