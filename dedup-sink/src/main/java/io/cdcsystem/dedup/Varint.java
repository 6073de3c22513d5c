package io.cdcsystem.dedup;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Unsigned LEB128: most numbers of a key's state are small, and there is one state per key. */
final class Varint {
    private static final int PAYLOAD_BITS = 7;
    private static final int MORE = 0x80;

    private Varint() {}

    static void write(long value, DataOutput out) throws IOException {
        long rest = value;
        while ((rest & -MORE) != 0) {
            out.writeByte(((int) rest & (MORE - 1)) | MORE);
            rest >>>= PAYLOAD_BITS;
        }
        out.writeByte((int) rest);
    }

    static long read(DataInput in) throws IOException {
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
                "a number in the deduplication state does not end: start from an older checkpoint");
    }

    static int readInt(DataInput in) throws IOException {
        return (int) read(in);
    }
}
