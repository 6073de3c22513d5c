package io.cdcsystem.schema.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Big-endian integers in byte arrays, the byte order of {@link Row}, of PostgreSQL's wire format and of our state. */
public final class BigEndian {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /** The int16 at {@code offset}. */
    public static short getShort(byte[] array, int offset) {
        return (short) SHORT.get(array, offset);
    }

    /** The int32 at {@code offset}. */
    public static int getInt(byte[] array, int offset) {
        return (int) INT.get(array, offset);
    }

    /** The int64 at {@code offset}. */
    public static long getLong(byte[] array, int offset) {
        return (long) LONG.get(array, offset);
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void putShort(byte[] array, int offset, int value) {
        SHORT.set(array, offset, (short) value);
    }

    /** Writes an int32. */
    public static void putInt(byte[] array, int offset, int value) {
        INT.set(array, offset, value);
    }

    /** Writes an int64. */
    public static void putLong(byte[] array, int offset, long value) {
        LONG.set(array, offset, value);
    }
}
