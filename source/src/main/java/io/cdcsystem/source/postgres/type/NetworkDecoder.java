package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.row.RowWriter;
import java.nio.charset.StandardCharsets;

/** Network addresses: the binary form is printed exactly as the type's output function would. */
enum NetworkDecoder implements FieldDecoder {
    /** {@code inet} and {@code cidr}, told apart by a flag in the value; only {@code cidr} prints a full mask. */
    INET {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            ValueBytes.requireAtLeast("inet", HEADER_BYTES, length);
            int family = array[offset];
            int bytes = family == FAMILY_V4 ? V4_BYTES : V6_BYTES;
            if ((family != FAMILY_V4 && family != FAMILY_V6)
                    || array[offset + 3] != bytes
                    || length != HEADER_BYTES + bytes) {
                throw ValueBytes.malformedBinary("inet", "of " + length + " bytes claims family " + family);
            }
            int bits = array[offset + 1] & 0xFF;
            out.beginField();
            if (family == FAMILY_V4) {
                writeV4(array, offset + HEADER_BYTES, out);
            } else {
                writeV6(array, offset + HEADER_BYTES, out);
            }
            if (array[offset + 2] != 0 || bits != bytes * 8) {
                out.writeByte('/');
                writeDecimal(bits, out);
            }
            out.endField();
        }
    },
    /** {@code macaddr} and {@code macaddr8}. */
    MACADDR {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            if (length != 6 && length != 8) {
                throw ValueBytes.malformedBinary("macaddr", "of " + length + " bytes");
            }
            out.beginField();
            for (int i = 0; i < length; i++) {
                if (i > 0) {
                    out.writeByte(':');
                }
                out.writeByte(HEX[array[offset + i] >> 4 & 0xF]);
                out.writeByte(HEX[array[offset + i] & 0xF]);
            }
            out.endField();
        }
    };

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 4;
    private static final int FAMILY_V4 = 2;
    private static final int FAMILY_V6 = 3;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int V6_WORDS = 8;

    @Override
    public void text(byte[] array, int offset, int length, RowWriter out) {
        out.writeField(array, offset, length);
    }

    private static void writeV4(byte[] array, int at, RowWriter out) {
        for (int i = 0; i < V4_BYTES; i++) {
            if (i > 0) {
                out.writeByte('.');
            }
            writeDecimal(array[at + i] & 0xFF, out);
        }
    }

    /** The longest run of at least two zero words becomes {@code ::}; some prefixes end in dotted form. */
    private static void writeV6(byte[] array, int at, RowWriter out) {
        int run = -1;
        int runLength = 1;
        for (int i = 0; i < V6_WORDS; i++) {
            int length = 0;
            while (i + length < V6_WORDS && word(array, at, i + length) == 0) {
                length++;
            }
            if (length > runLength) {
                run = i;
                runLength = length;
            }
            i += length;
        }
        for (int i = 0; i < V6_WORDS; i++) {
            if (run >= 0 && i >= run && i < run + runLength) {
                if (i == run) {
                    out.writeByte(':');
                }
                continue;
            }
            if (i != 0) {
                out.writeByte(':');
            }
            if (i == 6 && run == 0 && holdsV4(array, at, runLength)) {
                writeV4(array, at + 12, out);
                break;
            }
            writeHex(word(array, at, i), out);
        }
        if (run >= 0 && run + runLength == V6_WORDS) {
            out.writeByte(':');
        }
    }

    private static boolean holdsV4(byte[] array, int at, int zeros) {
        return zeros == 6 || (zeros == 7 && word(array, at, 7) != 1) || (zeros == 5 && word(array, at, 5) == 0xFFFF);
    }

    private static int word(byte[] array, int at, int index) {
        return (array[at + 2 * index] & 0xFF) << 8 | (array[at + 2 * index + 1] & 0xFF);
    }

    private static void writeHex(int word, RowWriter out) {
        boolean started = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            int digit = word >> shift & 0xF;
            if (digit != 0 || started || shift == 0) {
                out.writeByte(HEX[digit]);
                started = true;
            }
        }
    }

    private static void writeDecimal(int value, RowWriter out) {
        if (value >= 100) {
            out.writeByte('0' + value / 100);
        }
        if (value >= 10) {
            out.writeByte('0' + value / 10 % 10);
        }
        out.writeByte('0' + value % 10);
    }
}
