package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowWriter;

/** {@code bit} and {@code varbit}: the last bit of the string is the lowest of the first byte. */
enum BitsDecoder implements FieldDecoder {
    BITS;

    @Override
    public void binary(byte[] array, int offset, int length, RowWriter out) {
        ValueBytes.requireAtLeast("bit", Integer.BYTES, length);
        int bits = BigEndian.getInt(array, offset);
        if (bits < 0 || (bits + 7L) / 8 != length - Integer.BYTES) {
            throw ValueBytes.malformedBinary("bit", "of " + length + " bytes claims " + bits + " bits");
        }
        int data = offset + Integer.BYTES;
        out.beginField();
        int trimmed = out.position();
        for (int low = 0; low < bits; low += 8) {
            int value = 0;
            for (int bit = 0; bit < 8 && low + bit < bits; bit++) {
                int index = bits - 1 - low - bit;
                value |= (array[data + (index >> 3)] >> (7 - (index & 7)) & 1) << bit;
            }
            out.writeByte(value);
            trimmed = value != 0 ? out.position() : trimmed;
        }
        out.truncate(trimmed);
        out.endField();
    }

    @Override
    public void text(byte[] array, int offset, int length, RowWriter out) {
        out.beginField();
        int trimmed = out.position();
        for (int low = 0; low < length; low += 8) {
            int value = 0;
            for (int bit = 0; bit < 8 && low + bit < length; bit++) {
                byte c = array[offset + length - 1 - low - bit];
                if (c != '0' && c != '1') {
                    throw ValueBytes.malformed("bit", array, offset, length);
                }
                value |= (c - '0') << bit;
            }
            out.writeByte(value);
            trimmed = value != 0 ? out.position() : trimmed;
        }
        out.truncate(trimmed);
        out.endField();
    }
}
