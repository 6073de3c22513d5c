package io.cdcsystem.schema.field;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Values as Kafka Connect's SimpleHeaderConverter prints them inside a struct: nearly JSON, but decimals are numbers and
 * strings escape only quotes and backslashes.
 *
 * <p>Only primary-key changes carry such a header, so this may allocate.
 */
public final class HeaderFieldEncoders {
    private HeaderFieldEncoders() {}

    /**
     * The encoder for a type.
     *
     * @param where table and column, for messages
     */
    public static FieldEncoder of(ColumnType type, String where) {
        return switch (type.kind()) {
            case FLOAT32 ->
                (array, offset, length, out) ->
                        JsonFieldEncoders.float32(Float.intBitsToFloat(BigEndian.getInt(array, offset)), false, out);
            case FLOAT64 ->
                (array, offset, length, out) -> JsonFieldEncoders.float64(
                        Double.longBitsToDouble(BigEndian.getLong(array, offset)), false, out);
            case DECIMAL ->
                (array, offset, length, out) -> {
                    Decimals.checkFixed(array, offset, type.scale(), where);
                    BigInteger unscaled = new BigInteger(array, offset + Integer.BYTES, length - Integer.BYTES);
                    out.put(new BigDecimal(unscaled, type.scale()).toString().getBytes(StandardCharsets.US_ASCII));
                };
            case STRING, JSON, XML, ENUM, OPAQUE -> HeaderFieldEncoders::string;
            case ARRAY -> JsonFieldEncoders.array(of(Objects.requireNonNull(type.element()), where));
            default -> JsonFieldEncoders.of(type, where);
        };
    }

    /** A quoted string. */
    public static void string(byte[] array, int offset, int length, ByteSink out) {
        out.put('"');
        for (int i = offset; i < offset + length; i++) {
            if (array[i] == '"' || array[i] == '\\') {
                out.put('\\');
            }
            out.put(array[i]);
        }
        out.put('"');
    }
}
