package io.cdcsystem.schema.table;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HexFormat;

/** One field's value in the layout of its column's kind, compared by content; holds a column's default. */
public final class FieldValue implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    /** A value of these bytes, which are copied. */
    public FieldValue(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** A copy of the bytes. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldValue that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "0x" + HexFormat.of().formatHex(bytes);
    }
}
