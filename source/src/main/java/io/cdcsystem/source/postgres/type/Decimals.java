package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.row.RowWriter;
import java.math.BigInteger;

/** Writes the DECIMAL layout: int32 scale, then the unscaled value as minimal two's complement. */
final class Decimals {
    private static final long[] POWERS = new long[19];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = 10 * POWERS[i - 1];
        }
    }

    private Decimals() {}

    /** 10 to the power of 0 to 18. */
    static long power(int exponent) {
        return POWERS[exponent];
    }

    static void write(int scale, long unscaled, RowWriter out) {
        // One sign bit has to remain: -1 needs 1 bit, 127 needs 8, 128 needs 9.
        int bits = Long.SIZE + 1 - Long.numberOfLeadingZeros(unscaled < 0 ? ~unscaled : unscaled);
        int bytes = (bits + 7) / 8;
        out.writeInt(Integer.BYTES + bytes);
        out.writeInt(scale);
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            out.writeByte((int) (unscaled >> shift));
        }
    }

    static void write(int scale, BigInteger unscaled, RowWriter out) {
        byte[] bytes = unscaled.toByteArray();
        out.writeInt(Integer.BYTES + bytes.length);
        out.writeInt(scale);
        out.writeBytes(bytes, 0, bytes.length);
    }

    /** NaN or an infinity: one of {@code ColumnType}'s marks, without digits. */
    static void writeSpecial(int mark, RowWriter out) {
        out.writeInt(Integer.BYTES);
        out.writeInt(mark);
    }
}
