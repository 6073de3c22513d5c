package io.cdcsystem.schema.row;

/**
 * Walks the fields of a row in order, without an object per field: {@code wrap} a row, then {@code next()} and read.
 *
 * <p>Belongs to one thread; what the accessors return holds until the next {@code next()} or {@code wrap()}.
 */
public final class RowCursor {
    private static final byte[] EMPTY = {};

    private byte[] array = EMPTY;
    private int end;
    private int fieldOffset;
    private int fieldLength;
    private int nextField;

    /** Starts over before the first field of {@code row}. */
    public RowCursor wrap(Row row) {
        array = row.array();
        nextField = row.offset();
        end = row.offset() + row.length();
        fieldLength = Row.NULL;
        return this;
    }

    /** Steps to the next field; false behind the last one. */
    public boolean next() {
        if (nextField == end) {
            return false;
        }
        if (end - nextField < Integer.BYTES) {
            throw new IllegalStateException("a row ends within a field's length");
        }
        fieldLength = BigEndian.getInt(array, nextField);
        fieldOffset = nextField + Integer.BYTES;
        int payload = Math.max(fieldLength, 0);
        if (fieldLength < Row.ABSENT || payload > end - fieldOffset) {
            throw new IllegalStateException("a row's field claims " + fieldLength + " bytes");
        }
        nextField = fieldOffset + payload;
        return true;
    }

    /** The field's payload length, or {@link Row#NULL}, {@link Row#UNCHANGED} or {@link Row#ABSENT}. */
    public int length() {
        return fieldLength;
    }

    /** Whether there is a payload. */
    public boolean hasValue() {
        return fieldLength >= 0;
    }

    /** The array that the payload lies in; only to be read. */
    public byte[] array() {
        return array;
    }

    /** Where the payload begins in {@link #array()}. */
    public int offset() {
        return fieldOffset;
    }
}
