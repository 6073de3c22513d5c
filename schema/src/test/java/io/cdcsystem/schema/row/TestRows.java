package io.cdcsystem.schema.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;

/** Builds rows field by field for tests: {@code TestRows.row().int32(1).string("a").isNull().build()}. */
public final class TestRows {
    /** An array element that is NULL, told by identity. */
    public static final byte[] NULL_ELEMENT = {};

    private final RowWriter writer = new RowWriter();

    private TestRows() {}

    public static TestRows row() {
        return new TestRows();
    }

    /** The payload of a row's only field, for defaults. */
    public static byte[] payload(Consumer<TestRows> field) {
        TestRows rows = row();
        field.accept(rows);
        Row row = rows.build();
        return Arrays.copyOfRange(row.array(), row.offset() + 4, row.offset() + row.length());
    }

    public TestRows isNull() {
        writer.writeNull();
        return this;
    }

    public TestRows unchanged() {
        writer.writeUnchanged();
        return this;
    }

    public TestRows absent() {
        writer.writeAbsent();
        return this;
    }

    public TestRows bool(boolean value) {
        return field(w -> w.writeByte(value ? 1 : 0));
    }

    public TestRows int16(int value) {
        return field(w -> w.writeShort(value));
    }

    public TestRows int32(int value) {
        return field(w -> w.writeInt(value));
    }

    public TestRows int64(long value) {
        return field(w -> w.writeLong(value));
    }

    public TestRows float32(float value) {
        return int32(Float.floatToRawIntBits(value));
    }

    public TestRows float64(double value) {
        return int64(Double.doubleToRawLongBits(value));
    }

    public TestRows decimal(int scale, byte... unscaled) {
        return field(w -> {
            w.writeInt(scale);
            w.writeBytes(unscaled, 0, unscaled.length);
        });
    }

    public TestRows string(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public TestRows bytes(byte... value) {
        writer.writeField(value, 0, value.length);
        return this;
    }

    public TestRows uuid(String value) {
        UUID uuid = UUID.fromString(value);
        return field(w -> {
            w.writeLong(uuid.getMostSignificantBits());
            w.writeLong(uuid.getLeastSignificantBits());
        });
    }

    public TestRows timeTz(long micros, int offsetSeconds) {
        return field(w -> {
            w.writeLong(micros);
            w.writeInt(offsetSeconds);
        });
    }

    public TestRows interval(int months, int days, long micros) {
        return field(w -> {
            w.writeInt(months);
            w.writeInt(days);
            w.writeLong(micros);
        });
    }

    /** An array of payloads; {@link #NULL_ELEMENT} itself is a NULL. */
    public TestRows array(byte[]... elements) {
        return field(w -> {
            w.writeInt(elements.length);
            for (byte[] element : elements) {
                w.writeInt(element == NULL_ELEMENT ? Row.NULL : element.length);
                if (element != NULL_ELEMENT) {
                    w.writeBytes(element, 0, element.length);
                }
            }
        });
    }

    public Row build() {
        return writer.finish();
    }

    private TestRows field(Consumer<RowWriter> payload) {
        writer.beginField();
        payload.accept(writer);
        writer.endField();
        return this;
    }
}
