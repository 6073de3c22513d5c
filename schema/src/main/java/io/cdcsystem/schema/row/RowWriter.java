package io.cdcsystem.schema.row;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes rows field by field into one growing buffer; {@link #finish()} cuts an exact copy and starts over.
 *
 * <p>Belongs to one thread. The buffer grows as rows demand and shrinks back after an exceptional row, so that one huge
 * value does not pin its size for good.
 */
public final class RowWriter {
    private static final int INITIAL_BYTES = 1024;
    private static final int KEPT_BYTES_MAX = 1024 * 1024;

    private byte[] buffer = new byte[INITIAL_BYTES];
    private int position;
    private int fieldStart = -1;

    /** A field that is NULL. */
    public void writeNull() {
        writeInt(Row.NULL);
    }

    /** A field that was not logged because it did not change. */
    public void writeUnchanged() {
        writeInt(Row.UNCHANGED);
    }

    /** A field that was not logged because it is not part of the replica identity. */
    public void writeAbsent() {
        writeInt(Row.ABSENT);
    }

    /** A whole field whose payload already has the layout of its kind. */
    public void writeField(byte[] source, int offset, int length) {
        writeInt(length);
        writeBytes(source, offset, length);
    }

    /** Opens a field whose payload follows through the primitive writes. */
    public void beginField() {
        if (fieldStart >= 0) {
            throw new IllegalStateException("the last field was not ended");
        }
        fieldStart = position;
        writeInt(0);
    }

    /** Closes the field opened last and fills in its length. */
    public void endField() {
        patchInt(fieldStart, position - fieldStart - Integer.BYTES);
        fieldStart = -1;
    }

    /** One byte. */
    public void writeByte(int value) {
        ensure(1);
        buffer[position++] = (byte) value;
    }

    /** A big-endian int16. */
    public void writeShort(int value) {
        ensure(Short.BYTES);
        BigEndian.putShort(buffer, position, value);
        position += Short.BYTES;
    }

    /** A big-endian int32. */
    public void writeInt(int value) {
        ensure(Integer.BYTES);
        BigEndian.putInt(buffer, position, value);
        position += Integer.BYTES;
    }

    /** A big-endian int64. */
    public void writeLong(long value) {
        ensure(Long.BYTES);
        BigEndian.putLong(buffer, position, value);
        position += Long.BYTES;
    }

    /** Raw bytes. */
    public void writeBytes(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, buffer, position, length);
        position += length;
    }

    /** Raw bytes of a buffer's remainder, which is consumed. */
    public void writeBytes(ByteBuffer source) {
        int length = source.remaining();
        ensure(length);
        source.get(buffer, position, length);
        position += length;
    }

    /** Bytes written so far; with {@link #patchInt} for lengths and counts that are known late. */
    public int position() {
        return position;
    }

    /** Overwrites an int32 written earlier. */
    public void patchInt(int at, int value) {
        BigEndian.putInt(buffer, at, value);
    }

    /** Takes back everything behind {@code to}, a value of {@link #position()}. */
    public void truncate(int to) {
        position = to;
    }

    /** The row written since the last call, in an array of exactly its size. */
    public Row finish() {
        Row row = new Row(Arrays.copyOf(buffer, position), 0, position);
        reset();
        return row;
    }

    /** Forgets a half-written row. */
    public void reset() {
        position = 0;
        fieldStart = -1;
        if (buffer.length > KEPT_BYTES_MAX) {
            buffer = new byte[INITIAL_BYTES];
        }
    }

    private void ensure(int more) {
        int needed = Math.addExact(position, more);
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8, 2L * buffer.length)));
        }
    }
}
