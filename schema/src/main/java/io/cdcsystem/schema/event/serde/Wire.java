package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/** The primitives of our layouts: counts as {@link Varint}, byte strings and UTF-8 text behind their length. */
final class Wire {
    private static final int TRUSTED_BYTES = 64 * 1024;

    private Wire() {}

    /** A count or length: not above what an array can hold. */
    static int readCount(DataInput in, String what) throws IOException {
        long count = Varint.read(in);
        if (count < 0 || count > Integer.MAX_VALUE) {
            throw damaged(what + " claims a size of " + Long.toUnsignedString(count));
        }
        return (int) count;
    }

    static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
        writeBytes(bytes, 0, bytes.length, out);
    }

    static void writeBytes(byte[] bytes, int offset, int length, DataOutput out) throws IOException {
        Varint.write(length, out);
        out.write(bytes, offset, length);
    }

    static byte[] readBytes(DataInput in, String what) throws IOException {
        int length = readCount(in, what);
        // A damaged length must end in an EOFException, not in an allocation of gigabytes.
        byte[] bytes = new byte[Math.min(length, TRUSTED_BYTES)];
        in.readFully(bytes);
        int read = bytes.length;
        while (read < length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(length, 4L * read));
            in.readFully(bytes, read, bytes.length - read);
            read = bytes.length;
        }
        return bytes;
    }

    static void writeText(String text, DataOutput out) throws IOException {
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    static String readText(DataInput in, String what) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(readBytes(in, what)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CdcException(ErrorCode.STATE_UNREADABLE, what + " is not UTF-8: the stored state is damaged", e);
        }
    }

    static void readVersion(DataInput in, int newest, String what) throws IOException {
        int version = in.readUnsignedByte();
        if (version < 1 || version > newest) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    what + " is stored in layout " + version + ", this build reads up to " + newest
                            + ": run the build that wrote it, or a newer one");
        }
    }

    static CdcException damaged(String what) {
        return new CdcException(
                ErrorCode.STATE_UNREADABLE, what + ": the stored state is damaged, start from an older checkpoint");
    }

    /** What the constructor makes of what was read; a refusal means that the state is damaged. */
    static <T> T checked(String what, Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException e) {
            throw damaged(what + " is impossible (" + e.getMessage() + ")");
        }
    }
}
