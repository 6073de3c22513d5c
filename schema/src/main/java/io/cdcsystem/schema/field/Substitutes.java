package io.cdcsystem.schema.field;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The values that Debezium publishes where the log has none, in the layout of their type.
 *
 * <p>They are part of the contract that consumers were written against: a placeholder says "not logged", a fallback fills
 * a required field of a delete.
 */
public final class Substitutes {
    private static final int UUID_BYTES = 16;
    private static final int TIME_TZ_BYTES = 12;

    private Substitutes() {}

    /** The type whose encoder prints a fallback: zoned timestamps fall back to a text without a fraction. */
    public static ColumnType fallbackType(ColumnType type) {
        return type.kind() == Kind.TIMESTAMP_TZ ? ColumnType.of(Kind.TIMESTAMP_TZ, 0) : type;
    }

    /** A type's zero: what a required field holds when the log has no value and the column no default. */
    public static byte[] fallback(ColumnType type) {
        return switch (type.kind()) {
            case BOOLEAN -> new byte[1];
            case INT16 -> new byte[Short.BYTES];
            case INT32, FLOAT32, DATE, ARRAY -> new byte[Integer.BYTES];
            case INT64, FLOAT64, TIME, TIMESTAMP, TIMESTAMP_TZ -> new byte[Long.BYTES];
            case TIME_TZ -> new byte[TIME_TZ_BYTES];
            case INTERVAL, UUID -> new byte[UUID_BYTES];
            case VARIABLE_DECIMAL -> new byte[Integer.BYTES + 1];
            case DECIMAL -> {
                byte[] zero = new byte[Integer.BYTES + 1];
                BigEndian.putInt(zero, 0, type.scale());
                yield zero;
            }
            case STRING, JSON, XML, ENUM, BYTES, BITS, OPAQUE -> new byte[0];
        };
    }

    /** What stands for an unchanged value that was not logged; null for types without a placeholder. */
    public static byte @Nullable [] placeholder(ColumnType type, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return switch (type.kind()) {
            case STRING, JSON, XML, ENUM, OPAQUE, BYTES -> utf8;
            case ARRAY ->
                arrayPlaceholder(Objects.requireNonNull(type.element()).kind(), utf8);
            default -> null;
        };
    }

    private static byte @Nullable [] arrayPlaceholder(Kind element, byte[] utf8) {
        return switch (element) {
            case STRING, JSON, XML, OPAQUE, BYTES -> single(utf8);
            case INT32, DATE -> codes(utf8, Integer.BYTES);
            case INT64 -> codes(utf8, Long.BYTES);
            case UUID -> {
                UUID uuid = UUID.nameUUIDFromBytes(utf8);
                byte[] bytes = new byte[UUID_BYTES];
                BigEndian.putLong(bytes, 0, uuid.getMostSignificantBits());
                BigEndian.putLong(bytes, Long.BYTES, uuid.getLeastSignificantBits());
                yield single(bytes);
            }
            default -> null;
        };
    }

    private static byte[] single(byte[] element) {
        byte[] array = new byte[2 * Integer.BYTES + element.length];
        BigEndian.putInt(array, 0, 1);
        BigEndian.putInt(array, Integer.BYTES, element.length);
        System.arraycopy(element, 0, array, 2 * Integer.BYTES, element.length);
        return array;
    }

    // Debezium spells the placeholder in an integer array by the codes of its bytes.
    private static byte[] codes(byte[] utf8, int width) {
        int stride = Integer.BYTES + width;
        byte[] array = new byte[Integer.BYTES + stride * utf8.length];
        BigEndian.putInt(array, 0, utf8.length);
        for (int i = 0; i < utf8.length; i++) {
            int at = Integer.BYTES + stride * i;
            BigEndian.putInt(array, at, width);
            array[at + stride - 1] = utf8[i];
            if (utf8[i] < 0) {
                Arrays.fill(array, at + Integer.BYTES, at + stride - 1, (byte) -1);
            }
        }
        return array;
    }
}
