package io.cdcsystem.schema.row;

import java.util.Arrays;

/**
 * A row as an immutable slice of bytes: its fields one after another in column order.
 *
 * <pre>
 *   field := length:int32  payload:byte[length]     a value, laid out as its column's Kind says
 *          | -1:int32                               NULL
 *          | -2:int32                               UNCHANGED: not logged because it did not change (TOAST)
 *          | -3:int32                               ABSENT: not logged because the replica identity leaves it out
 * </pre>
 *
 * <p>All integers are big-endian. The array may be shared with other rows and must not be written to once a row looks
 * at it. Two rows are equal when their bytes are.
 */
public final class Row {
    /** Length that marks a NULL. */
    public static final int NULL = -1;
    /** Length that marks a value which was not logged because it did not change. */
    public static final int UNCHANGED = -2;
    /** Length that marks a value which was not logged because it is not part of the replica identity. */
    public static final int ABSENT = -3;

    private final byte[] array;
    private final int offset;
    private final int length;

    /** A row over {@code array[offset, offset + length)}, which is not copied. */
    public Row(byte[] array, int offset, int length) {
        if (offset < 0 || length < 0 || offset > array.length - length) {
            throw new IllegalArgumentException(
                    "slice " + offset + "+" + length + " lies outside of " + array.length + " bytes");
        }
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** The shared array; only to be read. */
    public byte[] array() {
        return array;
    }

    /** Where the row begins in {@link #array()}. */
    public int offset() {
        return offset;
    }

    /** Bytes of the row. */
    public int length() {
        return length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row that
                && Arrays.equals(array, offset, offset + length, that.array, that.offset, that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        return "Row[" + length + " bytes]";
    }
}
