package io.cdcsystem.source.postgres.pgoutput;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import java.nio.charset.StandardCharsets;

/** Reads one message front to back; every read names its field, so that a broken message can be told from its error. */
public final class WireCursor {
    private static final byte[] EMPTY = {};

    private byte[] array = EMPTY;
    private int start;
    private int position;
    private int end;

    /** Starts over at the beginning of a message. */
    public void wrap(byte[] message, int offset, int length) {
        array = message;
        start = offset;
        position = offset;
        end = offset + length;
    }

    /** The message's array; only to be read. */
    public byte[] array() {
        return array;
    }

    /** Where the next read begins in {@link #array()}. */
    public int position() {
        return position;
    }

    /** Bytes left. */
    public int remaining() {
        return end - position;
    }

    /** One byte. */
    public byte readByte(String field) {
        require(1, field);
        return array[position++];
    }

    /** An unsigned int16. */
    public int readCount(String field) {
        require(Short.BYTES, field);
        int value = BigEndian.getShort(array, position) & 0xFFFF;
        position += Short.BYTES;
        return value;
    }

    /** An int32. */
    public int readInt(String field) {
        require(Integer.BYTES, field);
        int value = BigEndian.getInt(array, position);
        position += Integer.BYTES;
        return value;
    }

    /** An int64. */
    public long readLong(String field) {
        require(Long.BYTES, field);
        long value = BigEndian.getLong(array, position);
        position += Long.BYTES;
        return value;
    }

    /** A text that ends with a zero byte. */
    public String readString(String field) {
        int zero = position;
        while (zero < end && array[zero] != 0) {
            zero++;
        }
        if (zero == end) {
            throw violation("ends within " + field + ", which has no terminating zero");
        }
        String value = new String(array, position, zero - position, StandardCharsets.UTF_8);
        position = zero + 1;
        return value;
    }

    /** Steps over {@code length} bytes and returns where they begin. */
    public int skip(int length, String field) {
        if (length < 0) {
            throw violation("gives " + field + " a length of " + length);
        }
        require(length, field);
        int from = position;
        position += length;
        return from;
    }

    /** The message must be read to its end. */
    public void requireEnd() {
        if (position != end) {
            throw violation("has " + (end - position) + " bytes more than it should");
        }
    }

    /** An error that says where in which message the bytes are wrong. */
    public CdcException violation(String what) {
        String tag = end > start ? "message '" + (char) (array[start] & 0xFF) + "'" : "an empty message";
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "pgoutput " + tag + " of " + (end - start) + " bytes " + what + " (at byte " + (position - start)
                        + "); the server is not a PostgreSQL that this build knows");
    }

    private void require(int bytes, String field) {
        if (bytes > end - position) {
            throw violation("ends within " + field);
        }
    }
}
