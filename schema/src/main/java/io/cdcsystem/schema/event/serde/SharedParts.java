package io.cdcsystem.schema.event.serde;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values that few instances of stand in many events (topics, generations, table versions): encoded once, and read back as
 * one instance, so that a record costs a copy of bytes and no objects.
 *
 * <p>Bounded: when more than {@value #ENTRIES_MAX} distinct values were met, it forgets all and starts over. Belongs to one
 * thread.
 */
final class SharedParts<T> {
    private static final int ENTRIES_MAX = 4096;

    private final String what;
    private final Write<T> write;
    private final Read<T> read;
    private final IdentityHashMap<T, byte[]> encoded = new IdentityHashMap<>();
    private final Map<ByteBuffer, T> decoded = new HashMap<>();
    private @Nullable T lastWritten;
    private byte[] lastWrittenBytes = {};
    private @Nullable T lastRead;
    private byte[] lastReadBytes = {};
    private byte[] scratch = new byte[256];

    SharedParts(String what, Write<T> write, Read<T> read) {
        this.what = what;
        this.write = write;
        this.read = read;
    }

    /** Writes the value behind its length. */
    void write(T value, DataOutput out) throws IOException {
        if (value != lastWritten) {
            lastWrittenBytes = encode(value);
            lastWritten = value;
        }
        Wire.writeBytes(lastWrittenBytes, out);
    }

    /** The value, the same instance for the same bytes. */
    T read(DataInput in) throws IOException {
        int length = Wire.readCount(in, what);
        if (length > scratch.length) {
            scratch = new byte[Math.max(length, (int) Math.min(Integer.MAX_VALUE - 8, 2L * scratch.length))];
        }
        in.readFully(scratch, 0, length);
        T last = lastRead;
        if (last != null && Arrays.equals(lastReadBytes, 0, lastReadBytes.length, scratch, 0, length)) {
            return last;
        }
        T value = decoded.get(ByteBuffer.wrap(scratch, 0, length));
        byte[] bytes = Arrays.copyOf(scratch, length);
        if (value == null) {
            value = decode(bytes);
            if (decoded.size() == ENTRIES_MAX) {
                decoded.clear();
            }
            decoded.put(ByteBuffer.wrap(bytes), value);
        }
        lastRead = value;
        lastReadBytes = bytes;
        return value;
    }

    private byte[] encode(T value) throws IOException {
        byte[] known = encoded.get(value);
        if (known != null) {
            return known;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write.write(value, new DataOutputStream(bytes));
        if (encoded.size() == ENTRIES_MAX) {
            encoded.clear();
        }
        encoded.put(value, bytes.toByteArray());
        return bytes.toByteArray();
    }

    private T decode(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        T value = read.read(in);
        if (in.available() > 0) {
            throw Wire.damaged(what + " leaves " + in.available() + " bytes unread");
        }
        return value;
    }

    /** Writes one value. */
    @FunctionalInterface
    interface Write<T> {
        void write(T value, DataOutput out) throws IOException;
    }

    /** Reads what {@link Write} wrote. */
    @FunctionalInterface
    interface Read<T> {
        T read(DataInputStream in) throws IOException;
    }
}
