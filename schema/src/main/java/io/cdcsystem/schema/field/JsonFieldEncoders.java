package io.cdcsystem.schema.field;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values as Kafka Connect's JsonConverter prints them. */
public final class JsonFieldEncoders {
    /** The literal for a missing value. */
    static final byte[] NULL = ascii("null");

    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NAN = ascii("NaN");
    private static final byte[] INFINITY = ascii("Infinity");
    private static final byte[] SCALE = ascii("{\"scale\":");
    private static final byte[] VALUE = ascii(",\"value\":\"");

    private JsonFieldEncoders() {}

    /**
     * The encoder for a type.
     *
     * @param where table and column, for messages
     */
    public static FieldEncoder of(ColumnType type, String where) {
        FieldEncoder common = integerOrShortText(type, where);
        if (common != null) {
            return common;
        }
        return switch (type.kind()) {
            case BOOLEAN -> (array, offset, length, out) -> bool(array[offset] != 0, out);
            case FLOAT32 ->
                (array, offset, length, out) ->
                        float32(Float.intBitsToFloat(BigEndian.getInt(array, offset)), true, out);
            case FLOAT64 ->
                (array, offset, length, out) ->
                        float64(Double.longBitsToDouble(BigEndian.getLong(array, offset)), true, out);
            case DECIMAL -> decimal(type.scale(), where);
            case VARIABLE_DECIMAL -> (array, offset, length, out) -> variableDecimal(array, offset, length, where, out);
            case BITS -> type.precision() == 1 ? JsonFieldEncoders::bit : JsonFieldEncoders::bytes;
            case BYTES -> JsonFieldEncoders::bytes;
            case ARRAY -> array(of(Objects.requireNonNull(type.element()), where));
            default -> JsonFieldEncoders::string;
        };
    }

    /** The encoders that JSON values and header texts have in common; null for other types. */
    static @Nullable FieldEncoder integerOrShortText(ColumnType type, String where) {
        IntegerReader integer = IntegerReader.of(type, where);
        if (integer != null) {
            return (array, offset, length, out) -> out.putDecimal(integer.read(array, offset));
        }
        ShortText text = ShortText.of(type);
        if (text == null) {
            return null;
        }
        return (array, offset, length, out) -> {
            out.put('"');
            text.write(array, offset, out);
            out.put('"');
        };
    }

    /** A list of elements, each null or a value. */
    static FieldEncoder array(FieldEncoder element) {
        return (array, offset, length, out) -> {
            int count = BigEndian.getInt(array, offset);
            int at = offset + Integer.BYTES;
            out.put('[');
            for (int i = 0; i < count; i++) {
                if (i > 0) {
                    out.put(',');
                }
                int elementLength = BigEndian.getInt(array, at);
                at += Integer.BYTES;
                if (elementLength < 0) {
                    out.put(NULL);
                } else {
                    element.encode(array, at, elementLength, out);
                    at += elementLength;
                }
            }
            out.put(']');
        };
    }

    static void bit(byte[] array, int offset, int length, ByteSink out) {
        bool(length > 0 && (array[offset] & 1) != 0, out);
    }

    static void bytes(byte[] array, int offset, int length, ByteSink out) {
        out.put('"');
        out.putBase64(array, offset, length);
        out.put('"');
    }

    static void bool(boolean value, ByteSink out) {
        out.put(value ? TRUE : FALSE);
    }

    static void float32(float value, boolean quoted, ByteSink out) {
        if (Float.isFinite(value)) {
            out.putFloat(value);
        } else {
            notFinite(value, quoted, out);
        }
    }

    static void float64(double value, boolean quoted, ByteSink out) {
        if (Double.isFinite(value)) {
            out.putDouble(value);
        } else {
            notFinite(value, quoted, out);
        }
    }

    static void variableDecimal(byte[] array, int offset, int length, String where, ByteSink out) {
        out.put(SCALE);
        out.putDecimal(Decimals.variableScale(array, offset, where));
        out.put(VALUE);
        out.putBase64(array, offset + Integer.BYTES, length - Integer.BYTES);
        out.put('"');
        out.put('}');
    }

    private static FieldEncoder decimal(int scale, String where) {
        return (array, offset, length, out) -> {
            Decimals.checkFixed(array, offset, scale, where);
            bytes(array, offset + Integer.BYTES, length - Integer.BYTES, out);
        };
    }

    private static void string(byte[] array, int offset, int length, ByteSink out) {
        out.put('"');
        out.putJsonEscaped(array, offset, length);
        out.put('"');
    }

    private static void notFinite(double value, boolean quoted, ByteSink out) {
        if (quoted) {
            out.put('"');
        }
        if (value == Double.NEGATIVE_INFINITY) {
            out.put('-');
        }
        out.put(Double.isNaN(value) ? NAN : INFINITY);
        if (quoted) {
            out.put('"');
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
