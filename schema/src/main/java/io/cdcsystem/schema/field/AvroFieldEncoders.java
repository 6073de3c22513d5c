package io.cdcsystem.schema.field;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.template.AvroKeyLayout;
import java.util.Objects;

/** Values in Avro's binary encoding, without the union branch that stands before an optional one. */
public final class AvroFieldEncoders {
    /** Branch 0 of a union, as a varint. */
    public static final int FIRST_BRANCH = 0;
    /** Branch 1 of a union, as a zigzag varint. */
    public static final int SECOND_BRANCH = 2;

    private AvroFieldEncoders() {}

    /**
     * The encoder for a type.
     *
     * @param where table and column, for messages
     */
    public static FieldEncoder of(ColumnType type, String where) {
        IntegerReader integer = IntegerReader.of(type, where);
        if (integer != null) {
            return (array, offset, length, out) -> out.putVarLong(integer.read(array, offset));
        }
        ShortText text = ShortText.of(type);
        if (text != null) {
            return (array, offset, length, out) -> {
                int start = out.position();
                out.put(0);
                text.write(array, offset, out);
                out.patch(start, 2 * (out.position() - start - 1));
            };
        }
        return switch (type.kind()) {
            case BOOLEAN -> (array, offset, length, out) -> out.put(array[offset] == 0 ? 0 : 1);
            case FLOAT32 ->
                (array, offset, length, out) -> out.putLittleEndian(BigEndian.getInt(array, offset), Float.BYTES);
            case FLOAT64 ->
                (array, offset, length, out) -> out.putLittleEndian(BigEndian.getLong(array, offset), Double.BYTES);
            case DECIMAL ->
                (array, offset, length, out) -> {
                    Decimals.checkFixed(array, offset, type.scale(), where);
                    bytes(array, offset + Integer.BYTES, length - Integer.BYTES, out);
                };
            case VARIABLE_DECIMAL ->
                (array, offset, length, out) -> {
                    out.putVarLong(Decimals.variableScale(array, offset, where));
                    bytes(array, offset + Integer.BYTES, length - Integer.BYTES, out);
                };
            case BITS -> type.precision() == 1 ? AvroFieldEncoders::bit : AvroFieldEncoders::bytes;
            case ARRAY -> array(of(Objects.requireNonNull(type.element()), where));
            default -> AvroFieldEncoders::bytes;
        };
    }

    /** The steps that walk over what the type's encoder writes, as {@link AvroKeyLayout} takes them. */
    public static byte[] shape(ColumnType type) {
        if (IntegerReader.of(type, "") != null) {
            return new byte[] {AvroKeyLayout.NUMBER};
        }
        return switch (type.kind()) {
            case BOOLEAN -> new byte[] {AvroKeyLayout.ONE};
            case FLOAT32 -> new byte[] {AvroKeyLayout.FOUR};
            case FLOAT64 -> new byte[] {AvroKeyLayout.EIGHT};
            case VARIABLE_DECIMAL -> new byte[] {AvroKeyLayout.NUMBER, AvroKeyLayout.BYTES};
            case BITS -> new byte[] {type.precision() == 1 ? AvroKeyLayout.ONE : AvroKeyLayout.BYTES};
            case ARRAY -> {
                byte[] element = shape(Objects.requireNonNull(type.element()));
                byte[] shape = new byte[1 + element.length];
                shape[0] = AvroKeyLayout.ARRAY;
                System.arraycopy(element, 0, shape, 1, element.length);
                yield shape;
            }
            default -> new byte[] {AvroKeyLayout.BYTES};
        };
    }

    /** Bytes and strings: the length, then the bytes. */
    public static void bytes(byte[] array, int offset, int length, ByteSink out) {
        out.putVarLong(length);
        out.put(array, offset, length);
    }

    private static void bit(byte[] array, int offset, int length, ByteSink out) {
        out.put(length > 0 && (array[offset] & 1) != 0 ? 1 : 0);
    }

    // One block of all elements, each a union of null and the value, then the empty block that ends an array.
    private static FieldEncoder array(FieldEncoder element) {
        return (array, offset, length, out) -> {
            int count = BigEndian.getInt(array, offset);
            int at = offset + Integer.BYTES;
            if (count > 0) {
                out.putVarLong(count);
            }
            for (int i = 0; i < count; i++) {
                int elementLength = BigEndian.getInt(array, at);
                at += Integer.BYTES;
                if (elementLength < 0) {
                    out.put(FIRST_BRANCH);
                } else {
                    out.put(SECOND_BRANCH);
                    element.encode(array, at, elementLength, out);
                    at += elementLength;
                }
            }
            out.put(0);
        };
    }
}
