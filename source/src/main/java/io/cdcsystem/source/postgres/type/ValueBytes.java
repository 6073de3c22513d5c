package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.nio.charset.StandardCharsets;

/** What all decoders share: length checks, digits, and the one way to say that a value is malformed. */
final class ValueBytes {
    private static final int SHOWN_BYTES_MAX = 40;

    private ValueBytes() {}

    static void requireLength(String type, int expected, int actual) {
        if (actual != expected) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "binary " + type + " of " + actual + " bytes instead of " + expected
                            + "; the server is not a PostgreSQL that this build knows");
        }
    }

    static void requireAtLeast(String type, int expected, int actual) {
        if (actual < expected) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "binary " + type + " of " + actual + " bytes, less than " + expected
                            + "; the server is not a PostgreSQL that this build knows");
        }
    }

    /** The shape and, for text, the beginning of the value; thrown by the caller. */
    static CdcException malformed(String type, byte[] array, int offset, int length) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "text " + type + " reads '" + ascii(array, offset, Math.min(length, SHOWN_BYTES_MAX)) + "' (" + length
                        + " bytes); check that nothing overrides the session's DateStyle and IntervalStyle");
    }

    static CdcException malformedBinary(String type, String what) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "binary " + type + " " + what + "; the server is not a PostgreSQL that this build knows");
    }

    static String ascii(byte[] array, int offset, int length) {
        return new String(array, offset, length, StandardCharsets.ISO_8859_1);
    }

    static boolean equalsAscii(byte[] array, int offset, int length, String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (array[offset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    static boolean isDigit(byte value) {
        return value >= '0' && value <= '9';
    }

    /** A decimal integer with an optional sign that fills the whole range. */
    static long parseLong(String type, byte[] array, int offset, int length) {
        int end = offset + length;
        int at = offset;
        boolean negative = length > 0 && array[at] == '-';
        if (negative) {
            at++;
        }
        // 19 digits may overflow; the sum is kept negative because the negative range is the larger one.
        if (at == end || end - at > 19) {
            throw malformed(type, array, offset, length);
        }
        long value = 0;
        for (; at < end; at++) {
            if (!isDigit(array[at])) {
                throw malformed(type, array, offset, length);
            }
            value = value * 10 - (array[at] - '0');
        }
        if (value > 0 || (!negative && value == Long.MIN_VALUE)) {
            throw malformed(type, array, offset, length);
        }
        return negative ? value : -value;
    }

    static int hexDigit(String type, byte[] array, int at) {
        int digit = Character.digit(array[at], 16);
        if (digit < 0) {
            throw malformed(type, array, at, 1);
        }
        return digit;
    }
}
