package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.template.AvroKeyLayout;
import io.cdcsystem.schema.template.DeleteTemplate;
import io.cdcsystem.schema.template.JsonKeyLayout;
import io.cdcsystem.schema.template.KeyLayout;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * A delete's template as bytes.
 *
 * <pre>
 *   template := version=1 layout value:bytes count:uint (hole:uint field:uint)*
 *   layout   := 1 head:bytes count:uint shape:bytes*               (Avro)
 *             | 2 head:bytes count:uint label:bytes* tail:bytes    (JSON)
 *   bytes    := length:uint payload
 * </pre>
 */
final class TemplateCodec {
    private static final int VERSION = 1;
    private static final int AVRO = 1;
    private static final int JSON = 2;
    private static final int FIELDS_MAX = 10_000;
    private static final String WHAT = "a delete's template";

    private TemplateCodec() {}

    static void write(DeleteTemplate template, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        if (template.keys() instanceof AvroKeyLayout avro) {
            out.writeByte(AVRO);
            Wire.writeBytes(avro.head(), out);
            writeParts(avro.shapes(), out);
        } else if (template.keys() instanceof JsonKeyLayout json) {
            out.writeByte(JSON);
            Wire.writeBytes(json.head(), out);
            writeParts(json.labels(), out);
            Wire.writeBytes(json.tail(), out);
        }
        Wire.writeBytes(template.value(), out);
        int[] holes = template.holes();
        int[] fields = template.fields();
        Varint.write(holes.length, out);
        for (int i = 0; i < holes.length; i++) {
            Varint.write(holes[i], out);
            Varint.write(fields[i], out);
        }
    }

    static DeleteTemplate read(DataInput in) throws IOException {
        Wire.readVersion(in, VERSION, WHAT);
        KeyLayout keys = readLayout(in);
        byte[] value = Wire.readBytes(in, WHAT);
        int[] holes = new int[fieldCount(in)];
        int[] fields = new int[holes.length];
        for (int i = 0; i < holes.length; i++) {
            holes[i] = Wire.readCount(in, WHAT);
            fields[i] = Wire.readCount(in, WHAT);
        }
        return checked(() -> new DeleteTemplate(keys, value, holes, fields));
    }

    private static KeyLayout readLayout(DataInput in) throws IOException {
        int kind = in.readUnsignedByte();
        byte[] head = Wire.readBytes(in, WHAT);
        byte[][] parts = new byte[fieldCount(in)][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Wire.readBytes(in, WHAT);
        }
        return switch (kind) {
            case AVRO -> new AvroKeyLayout(head, parts);
            case JSON -> new JsonKeyLayout(head, parts, Wire.readBytes(in, WHAT));
            default -> throw Wire.damaged(WHAT + " is for keys of the unknown layout " + kind);
        };
    }

    private static int fieldCount(DataInput in) throws IOException {
        int count = Wire.readCount(in, WHAT);
        if (count > FIELDS_MAX) {
            throw Wire.damaged(WHAT + " claims " + count + " fields");
        }
        return count;
    }

    private static void writeParts(byte[][] parts, DataOutput out) throws IOException {
        Varint.write(parts.length, out);
        for (byte[] part : parts) {
            Wire.writeBytes(part, out);
        }
    }

    /** What a constructor refuses was never written by us. */
    static <T> T checked(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException e) {
            throw Wire.damaged("a sweep is impossible (" + e.getMessage() + ")");
        }
    }
}
