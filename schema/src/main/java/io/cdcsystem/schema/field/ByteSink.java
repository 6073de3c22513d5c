package io.cdcsystem.schema.field;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte buffer with the number and string forms of JSON and Avro.
 *
 * <p>Belongs to one thread. {@link #toByteArray()} cuts an exact copy and starts over, so a record costs one array.
 */
public final class ByteSink {
    private static final int INITIAL_BYTES = 4096;
    private static final int KEPT_BYTES_MAX = 1024 * 1024;
    private static final int LONG_DIGITS_MAX = 20;
    private static final int VAR_LONG_BYTES_MAX = 10;
    private static final byte[] LONG_MIN = ascii("-9223372036854775808");
    private static final byte[] HEX = ascii("0123456789ABCDEF");
    private static final byte[] LOWER_HEX = ascii("0123456789abcdef");
    private static final byte[] BASE64 = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    private final StringBuilder floats = new StringBuilder();
    private byte[] buffer = new byte[INITIAL_BYTES];
    private int position;

    /** Bytes written since the last {@link #toByteArray()}. */
    public int position() {
        return position;
    }

    /** What was written, in an array of exactly its size; the sink is empty afterwards. */
    public byte[] toByteArray() {
        byte[] result = Arrays.copyOf(buffer, position);
        reset();
        return result;
    }

    /** Forgets what was written; an exceptionally grown buffer is given back. */
    public void reset() {
        position = 0;
        if (buffer.length > KEPT_BYTES_MAX) {
            buffer = new byte[INITIAL_BYTES];
        }
    }

    /** One byte. */
    public void put(int value) {
        ensure(1);
        buffer[position++] = (byte) value;
    }

    /** Overwrites a byte written earlier, for a length that is known late. */
    public void patch(int at, int value) {
        buffer[at] = (byte) value;
    }

    /** All of {@code source}. */
    public void put(byte[] source) {
        put(source, 0, source.length);
    }

    /** A slice of {@code source}. */
    public void put(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, buffer, position, length);
        position += length;
    }

    /** An int32, big-endian. */
    public void putBigEndian(int value) {
        put(value >>> 24);
        put(value >>> 16);
        put(value >>> 8);
        put(value);
    }

    /** The low {@code bytes} bytes of {@code value}, little-endian as Avro lays out floating point. */
    public void putLittleEndian(long value, int bytes) {
        ensure(bytes);
        for (int i = 0; i < bytes; i++) {
            buffer[position++] = (byte) (value >>> (8 * i));
        }
    }

    /** Avro's int and long: zigzag, 7 bits a byte. */
    public void putVarLong(long value) {
        ensure(VAR_LONG_BYTES_MAX);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            buffer[position++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        buffer[position++] = (byte) rest;
    }

    /** Decimal digits. */
    public void putDecimal(long value) {
        if (value == Long.MIN_VALUE) {
            put(LONG_MIN);
            return;
        }
        ensure(LONG_DIGITS_MAX);
        long rest = value;
        if (rest < 0) {
            buffer[position++] = '-';
            rest = -rest;
        }
        int digits = 1;
        for (long bound = rest; bound >= 10; bound /= 10) {
            digits++;
        }
        for (int at = position + digits - 1; at >= position; at--) {
            buffer[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        position += digits;
    }

    /** The last {@code digits} decimal digits of a number that is not negative, with leading zeros. */
    public void putPadded(long value, int digits) {
        ensure(digits);
        long rest = value;
        for (int at = position + digits - 1; at >= position; at--) {
            buffer[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        position += digits;
    }

    /** A finite number as {@link Double#toString(double)} prints it. */
    public void putDouble(double value) {
        floats.setLength(0);
        floats.append(value);
        putFloats();
    }

    /** A finite number as {@link Float#toString(float)} prints it. */
    public void putFloat(float value) {
        floats.setLength(0);
        floats.append(value);
        putFloats();
    }

    // A StringBuilder that is kept prints without a String per value.
    private void putFloats() {
        int length = floats.length();
        ensure(length);
        for (int i = 0; i < length; i++) {
            buffer[position++] = (byte) floats.charAt(i);
        }
    }

    /** Standard base64 with padding. */
    public void putBase64(byte[] source, int offset, int length) {
        ensure(Math.toIntExact((length + 2L) / 3 * 4));
        int at = offset;
        int end = offset + length;
        while (end - at >= 3) {
            int bits = (source[at] & 0xFF) << 16 | (source[at + 1] & 0xFF) << 8 | (source[at + 2] & 0xFF);
            buffer[position++] = BASE64[bits >>> 18];
            buffer[position++] = BASE64[bits >>> 12 & 63];
            buffer[position++] = BASE64[bits >>> 6 & 63];
            buffer[position++] = BASE64[bits & 63];
            at += 3;
        }
        if (end > at) {
            boolean two = end - at == 2;
            int bits = (source[at] & 0xFF) << 16 | (two ? (source[at + 1] & 0xFF) << 8 : 0);
            buffer[position++] = BASE64[bits >>> 18];
            buffer[position++] = BASE64[bits >>> 12 & 63];
            buffer[position++] = two ? BASE64[bits >>> 6 & 63] : (byte) '=';
            buffer[position++] = '=';
        }
    }

    /** {@code length} bytes as lower-case hexadecimal digits. */
    public void putHex(byte[] source, int offset, int length) {
        ensure(2 * length);
        for (int i = offset; i < offset + length; i++) {
            buffer[position++] = LOWER_HEX[source[i] >>> 4 & 15];
            buffer[position++] = LOWER_HEX[source[i] & 15];
        }
    }

    /**
     * UTF-8 as the inside of a JSON string, escaped as Jackson escapes: what has no one-byte escape becomes
     * {@code \}{@code u00XX}, and characters beyond the basic plane become two escaped surrogates.
     */
    public void putJsonEscaped(byte[] source, int offset, int length) {
        int end = offset + length;
        int copied = offset;
        int at = offset;
        while (at < end) {
            int c = source[at] & 0xFF;
            if (c >= 0x20 && c != '"' && c != '\\' && c < 0xF0) {
                at++;
                continue;
            }
            put(source, copied, at - copied);
            if (c >= 0xF0 && end - at >= 4) {
                int rest = (source[at + 1] & 0x3F) << 12 | (source[at + 2] & 0x3F) << 6 | (source[at + 3] & 0x3F);
                int codePoint = (c & 7) << 18 | rest;
                putUnicodeEscape(Character.highSurrogate(codePoint));
                putUnicodeEscape(Character.lowSurrogate(codePoint));
                at += 4;
            } else {
                putEscape(c);
                at++;
            }
            copied = at;
        }
        put(source, copied, end - copied);
    }

    private void putEscape(int c) {
        int letter =
                switch (c) {
                    case '"', '\\' -> c;
                    case '\b' -> 'b';
                    case '\t' -> 't';
                    case '\n' -> 'n';
                    case '\f' -> 'f';
                    case '\r' -> 'r';
                    default -> 0;
                };
        if (letter != 0) {
            put('\\');
            put(letter);
        } else {
            putUnicodeEscape(c);
        }
    }

    private void putUnicodeEscape(int c) {
        put('\\');
        put('u');
        put(HEX[c >>> 12 & 15]);
        put(HEX[c >>> 8 & 15]);
        put(HEX[c >>> 4 & 15]);
        put(HEX[c & 15]);
    }

    private void ensure(int more) {
        int needed = Math.addExact(position, more);
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8, 2L * buffer.length)));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
