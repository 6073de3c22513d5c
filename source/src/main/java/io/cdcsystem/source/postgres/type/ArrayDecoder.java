package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowWriter;

/** One-dimensional arrays of a known element type. */
final class ArrayDecoder implements FieldDecoder {
    private static final int HEADER_BYTES = 12;
    private static final int DIMENSION_BYTES = 8;

    private final String name;
    private final FieldDecoder element;

    /** An array type called {@code name} for messages. */
    ArrayDecoder(String name, FieldDecoder element) {
        this.name = name;
        this.element = element;
    }

    @Override
    public void binary(byte[] array, int offset, int length, RowWriter out) {
        ValueBytes.requireAtLeast(name, HEADER_BYTES, length);
        int end = offset + length;
        int dimensions = BigEndian.getInt(array, offset);
        if (dimensions > 1) {
            throw dimensional(dimensions + " dimensions");
        }
        int field = open(out);
        if (dimensions == 1) {
            ValueBytes.requireAtLeast(name, HEADER_BYTES + DIMENSION_BYTES, length);
            int count = BigEndian.getInt(array, offset + HEADER_BYTES);
            int at = offset + HEADER_BYTES + DIMENSION_BYTES;
            for (int i = 0; i < count; i++) {
                int size = end - at < Integer.BYTES ? Integer.MAX_VALUE : BigEndian.getInt(array, at);
                at += Integer.BYTES;
                if (size == -1) {
                    out.writeNull();
                    continue;
                }
                if (size < 0 || size > end - at) {
                    throw ValueBytes.malformedBinary(name, "ends within element " + i + " of " + count);
                }
                element.binary(array, at, size, out);
                at += size;
            }
            out.patchInt(field + Integer.BYTES, count);
        }
        close(field, out);
    }

    @Override
    public void text(byte[] array, int offset, int length, RowWriter out) {
        int end = offset + length;
        int at = offset;
        if (length > 0 && array[at] == '[') {
            // Bounds other than 1 stand before the value: [0:2]={…}, and have no place in a topic.
            at = TemporalText.indexOf(array, at, end, '=') + 1;
        }
        if (at + 2 > end || array[at] != '{' || array[end - 1] != '}') {
            throw ValueBytes.malformed(name, array, offset, length);
        }
        int field = open(out);
        int count = 0;
        at++;
        while (at < end - 1) {
            if (array[at] == '{') {
                throw dimensional("several dimensions");
            }
            at = array[at] == '"' ? quoted(array, at + 1, end, out) : plain(array, at, end, out);
            count++;
            if (at >= end || (array[at] != ',' && at != end - 1)) {
                throw ValueBytes.malformed(name, array, offset, length);
            }
            at++;
        }
        out.patchInt(field + Integer.BYTES, count);
        close(field, out);
    }

    /** Reads up to the comma or brace behind the element, whose place is returned. */
    private int plain(byte[] array, int from, int end, RowWriter out) {
        int at = from;
        while (at < end && array[at] != ',' && array[at] != '}') {
            at++;
        }
        if (ValueBytes.equalsAscii(array, from, at - from, "NULL")) {
            out.writeNull();
        } else {
            element.text(array, from, at - from, out);
        }
        return at;
    }

    /** Reads up to behind the closing quote; copies only where something is escaped. */
    private int quoted(byte[] array, int from, int end, RowWriter out) {
        int at = from;
        int escapes = 0;
        while (at < end && array[at] != '"') {
            if (array[at] == '\\') {
                escapes++;
                at++;
            }
            at++;
        }
        if (at >= end) {
            throw ValueBytes.malformed(name, array, from, end - from);
        }
        if (escapes == 0) {
            element.text(array, from, at - from, out);
            return at + 1;
        }
        byte[] plain = new byte[at - from - escapes];
        int to = 0;
        for (int i = from; i < at; i++) {
            if (array[i] == '\\') {
                i++;
            }
            plain[to++] = array[i];
        }
        element.text(plain, 0, plain.length, out);
        return at + 1;
    }

    /** Not {@code beginField}: the elements may use that themselves. */
    private static int open(RowWriter out) {
        int field = out.position();
        out.writeInt(0);
        out.writeInt(0);
        return field;
    }

    private static void close(int field, RowWriter out) {
        out.patchInt(field, out.position() - field - Integer.BYTES);
    }

    private CdcException dimensional(String shape) {
        return new CdcException(
                ErrorCode.VALUE_UNREPRESENTABLE,
                "a value of type " + name + " has " + shape + ", but topics carry arrays of one dimension only;"
                        + " exclude the column or flatten its values");
    }
}
