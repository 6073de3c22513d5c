package io.cdcsystem.sink;

import io.cdcsystem.schema.position.Position;
import java.nio.charset.StandardCharsets;

/** Header values as text, written straight into their bytes. */
final class RecordHeaderBytes {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int INT_DIGITS = 8;
    private static final int LONG_DIGITS = 16;

    private RecordHeaderBytes() {}

    /** {@link Position#toString()} in ASCII. */
    static byte[] position(Position position) {
        byte[] text = new byte[2 * INT_DIGITS + LONG_DIGITS + 2];
        int at = hex(position.epoch(), INT_DIGITS, text, 0);
        text[at++] = '-';
        at = hex(position.commit(), LONG_DIGITS, text, at);
        text[at++] = '-';
        hex(position.ordinal(), INT_DIGITS, text, at);
        return text;
    }

    private static int hex(long value, int digits, byte[] text, int from) {
        long rest = value;
        for (int i = from + digits - 1; i >= from; i--) {
            text[i] = DIGITS[(int) rest & 0xf];
            rest >>>= 4;
        }
        return from + digits;
    }

    /** A positive number in decimal ASCII. */
    static byte[] decimal(int value) {
        int length = 1;
        for (int rest = value / 10; rest > 0; rest /= 10) {
            length++;
        }
        byte[] text = new byte[length];
        int rest = value;
        for (int i = length - 1; i >= 0; i--) {
            text[i] = DIGITS[rest % 10];
            rest /= 10;
        }
        return text;
    }
}
