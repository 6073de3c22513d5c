package io.cdcsystem.schema.field;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * Values that topics carry as a text of our own making: ASCII, nothing to escape, and below 64 bytes, so that Avro's
 * length is one byte.
 */
@FunctionalInterface
interface ShortText {
    /** Writes the text of the value at {@code offset}. */
    void write(byte[] array, int offset, ByteSink out);

    /** The writer for such a type; null for every other type. */
    static @Nullable ShortText of(ColumnType type) {
        int digits = Math.min(type.precision(), 6);
        return switch (type.kind()) {
            case UUID -> ShortText::uuid;
            case TIME_TZ ->
                (array, offset, out) -> DateTimeText.zonedTime(
                        BigEndian.getLong(array, offset), BigEndian.getInt(array, offset + Long.BYTES), out);
            case TIMESTAMP_TZ ->
                (array, offset, out) -> DateTimeText.timestamp(BigEndian.getLong(array, offset), digits, out);
            default -> null;
        };
    }

    private static void uuid(byte[] array, int offset, ByteSink out) {
        out.putHex(array, offset, 4);
        out.put('-');
        out.putHex(array, offset + 4, 2);
        out.put('-');
        out.putHex(array, offset + 6, 2);
        out.put('-');
        out.putHex(array, offset + 8, 2);
        out.put('-');
        out.putHex(array, offset + 10, 6);
    }
}
