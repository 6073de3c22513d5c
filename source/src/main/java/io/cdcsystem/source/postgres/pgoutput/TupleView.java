package io.cdcsystem.source.postgres.pgoutput;

/**
 * The columns of one tuple as slices of the message: no copy, no object per column.
 *
 * <p>Reused: holds until the callback that got it returns.
 */
public final class TupleView {
    /** A column that is NULL. */
    public static final byte NULL = 'n';
    /** A TOASTed column that did not change and was not sent. */
    public static final byte UNCHANGED = 'u';
    /** A column in text form. */
    public static final byte TEXT = 't';
    /** A column in binary form. */
    public static final byte BINARY = 'b';

    private static final int INITIAL_COLUMNS = 32;

    private byte[] array = {};
    private byte[] formats = new byte[INITIAL_COLUMNS];
    private int[] offsets = new int[INITIAL_COLUMNS];
    private int[] lengths = new int[INITIAL_COLUMNS];
    private int columns;

    /** Reads a tuple; the cursor stands behind it afterwards. */
    void read(WireCursor cursor) {
        int count = cursor.readCount("column count");
        if (count > formats.length) {
            formats = new byte[count];
            offsets = new int[count];
            lengths = new int[count];
        }
        array = cursor.array();
        columns = count;
        for (int i = 0; i < count; i++) {
            byte format = cursor.readByte("column format");
            formats[i] = format;
            switch (format) {
                case NULL, UNCHANGED -> lengths[i] = 0;
                case TEXT, BINARY -> {
                    lengths[i] = cursor.readInt("column length");
                    offsets[i] = cursor.skip(lengths[i], "column value");
                }
                default -> throw cursor.violation("has column format " + (format & 0xFF));
            }
        }
    }

    /** How many columns. */
    public int columns() {
        return columns;
    }

    /** {@link #NULL}, {@link #UNCHANGED}, {@link #TEXT} or {@link #BINARY}. */
    public byte format(int column) {
        return formats[column];
    }

    /** The message; only to be read. */
    public byte[] array() {
        return array;
    }

    /** Where a column's value begins in {@link #array()}; for TEXT and BINARY only. */
    public int offset(int column) {
        return offsets[column];
    }

    /** Bytes of a column's value. */
    public int length(int column) {
        return lengths[column];
    }
}
