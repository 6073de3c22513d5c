package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Unsigned LEB128, the number format of all our state: most numbers in it are small. */
public final class Varint {
    private static final int PAYLOAD_BITS = 7;
    private static final int MORE = 0x80;

    private Varint() {}

    /** Writes one to ten bytes. */
    public static void write(long value, DataOutput out) throws IOException {
        long rest = value;
        while ((rest & -MORE) != 0) {
            out.writeByte(((int) rest & (MORE - 1)) | MORE);
            rest >>>= PAYLOAD_BITS;
        }
        out.writeByte((int) rest);
    }

    /** Reads what {@link #write} wrote; a number without an end is {@code STATE_UNREADABLE}. */
    public static long read(DataInput in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += PAYLOAD_BITS) {
            int next = in.readUnsignedByte();
            value |= (long) (next & (MORE - 1)) << shift;
            if ((next & MORE) == 0) {
                return value;
            }
        }
        throw new CdcException(
                ErrorCode.STATE_UNREADABLE,
                "a number does not end after ten bytes: the stored state is damaged, start from an older checkpoint");
    }

    /** The same for a number that was an int. */
    public static int readInt(DataInput in) throws IOException {
        return (int) read(in);
    }
}
