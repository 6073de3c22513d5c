package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** Values with every feature, and the plumbing of golden files. */
final class Samples {
    static final Visibility VISIBILITY = new Visibility(740, 1_000_003, new long[] {741, 900, 1_000_000});
    static final Generation GENERATION = new Generation(1, 2, new Position(1, 0x16B3748L, 2), VISIBILITY);
    static final TableSchema CUSTOMERS = new TableSchema(
            new TableId("inventory", "public", "customers"),
            List.of(
                    new Column(
                            "id",
                            ColumnType.of(ColumnType.Kind.INT32),
                            false,
                            new FieldValue(new byte[] {0, 0, 0, 0}),
                            "int4"),
                    new Column("größe", ColumnType.decimal(10, 2), true, null, "numeric"),
                    new Column(
                            "mood",
                            ColumnType.enumeration(List.of("sad", "ok", "happy")),
                            false,
                            new FieldValue("ok".getBytes(StandardCharsets.UTF_8)),
                            "mood"),
                    new Column("seen", ColumnType.of(ColumnType.Kind.TIMESTAMP_TZ, 6), true, null, "timestamptz"),
                    new Column(
                            "tags",
                            ColumnType.array(ColumnType.of(ColumnType.Kind.STRING)),
                            true,
                            new FieldValue(new byte[0]),
                            "_text")),
            List.of("mood", "id"));

    private Samples() {}

    /** Writes one value. */
    interface Write {
        void to(DataOutput out) throws IOException;
    }

    /** Reads one value. */
    interface Read<T> {
        T from(DataInput in) throws IOException;
    }

    static byte[] written(Write write) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write.to(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    static <T> T read(byte[] bytes, Read<T> read) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        T value = read.from(in);
        if (in.read() >= 0) {
            throw new AssertionError("bytes are left behind the value");
        }
        return value;
    }

    /** Bytes of a golden file; written once, never by a test. */
    static byte[] golden(String name) throws IOException {
        try (InputStream file = Samples.class.getResourceAsStream("/golden/" + name + ".hex")) {
            if (file == null) {
                throw new AssertionError("no golden file " + name);
            }
            String text = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }
}
