package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tables, positions, generations and visibilities as bytes, for serializers of state, splits and events.
 *
 * <p>Over {@link DataOutput} and {@link DataInput}, which Flink's views extend. Every value but {@link Position}, whose 16
 * bytes are its order, begins with its layout's version; damaged or newer bytes end in {@code STATE_UNREADABLE}.
 *
 * <pre>
 *   position   := epoch:int32 commit:int64 ordinal:int32
 *   visibility := version=1 xmin:uint (xmax-xmin):uint count:uint (gap to the one before:uint)*
 *   generation := version=1 run:uint number:uint position visibility
 *   tableId    := database:text schema:text name:text
 *   table      := version=1 tableId count:uint column* count:uint keyColumn:text*
 *   column     := name:text type flags:byte (bit 0 nullable, bit 1 default) default:bytes? sourceType:text
 *   type       := kind:byte precision:uint scale:int32 count:uint label:text* element:type?
 *   uint       := unsigned LEB128;  bytes, text := length:uint payload
 * </pre>
 */
public final class VocabularyCodec {
    private static final int VISIBILITY_VERSION = 1;
    private static final int GENERATION_VERSION = 1;
    private static final int TABLE_VERSION = 1;
    private static final int NULLABLE = 1;
    private static final int HAS_DEFAULT = 2;
    private static final int NESTING_MAX = 32;

    private VocabularyCodec() {}

    /** 16 bytes. */
    public static void writePosition(Position position, DataOutput out) throws IOException {
        out.writeInt(position.epoch());
        out.writeLong(position.commit());
        out.writeInt(position.ordinal());
    }

    /** What {@link #writePosition} wrote. */
    public static Position readPosition(DataInput in) throws IOException {
        int epoch = in.readInt();
        long commit = in.readLong();
        int ordinal = in.readInt();
        return Wire.checked("a position", () -> new Position(epoch, commit, ordinal));
    }

    /** A visibility; its transactions in progress as gaps, so that hundreds take few bytes. */
    public static void writeVisibility(Visibility visibility, DataOutput out) throws IOException {
        out.writeByte(VISIBILITY_VERSION);
        Varint.write(visibility.xmin(), out);
        Varint.write(visibility.xmax() - visibility.xmin(), out);
        long[] inProgress = visibility.inProgress();
        Varint.write(inProgress.length, out);
        long last = 0;
        for (long transaction : inProgress) {
            Varint.write(transaction - last, out);
            last = transaction;
        }
    }

    /** What {@link #writeVisibility} wrote. */
    public static Visibility readVisibility(DataInput in) throws IOException {
        Wire.readVersion(in, VISIBILITY_VERSION, "a visibility");
        long xmin = Varint.read(in);
        long xmax = xmin + Varint.read(in);
        int count = Wire.readCount(in, "the list of transactions in progress");
        long[] inProgress = new long[Math.min(count, 1024)];
        long last = 0;
        for (int i = 0; i < count; i++) {
            if (i == inProgress.length) {
                inProgress = Arrays.copyOf(inProgress, (int) Math.min(count, 2L * i));
            }
            last += Varint.read(in);
            inProgress[i] = last;
        }
        long[] all = inProgress;
        return Wire.checked("a visibility", () -> new Visibility(xmin, xmax, all));
    }

    /** A generation with its position and visibility. */
    public static void writeGeneration(Generation generation, DataOutput out) throws IOException {
        out.writeByte(GENERATION_VERSION);
        Varint.write(generation.run(), out);
        Varint.write(generation.number(), out);
        writePosition(generation.position(), out);
        writeVisibility(generation.visibility(), out);
    }

    /** What {@link #writeGeneration} wrote. */
    public static Generation readGeneration(DataInput in) throws IOException {
        Wire.readVersion(in, GENERATION_VERSION, "a generation");
        int run = Wire.readCount(in, "a generation's run");
        int number = Wire.readCount(in, "a generation's number");
        Position position = readPosition(in);
        Visibility visibility = readVisibility(in);
        return Wire.checked("a generation", () -> new Generation(run, number, position, visibility));
    }

    /** A table's name, without a version of its own. */
    public static void writeTableId(TableId id, DataOutput out) throws IOException {
        Wire.writeText(id.database(), out);
        Wire.writeText(id.schema(), out);
        Wire.writeText(id.name(), out);
    }

    /** What {@link #writeTableId} wrote. */
    public static TableId readTableId(DataInput in) throws IOException {
        String database = Wire.readText(in, "a database's name");
        String schema = Wire.readText(in, "a schema's name");
        String name = Wire.readText(in, "a table's name");
        return Wire.checked("a table's name", () -> new TableId(database, schema, name));
    }

    /** A table version with all columns. */
    public static void writeTableSchema(TableSchema table, DataOutput out) throws IOException {
        out.writeByte(TABLE_VERSION);
        writeTableId(table.id(), out);
        Varint.write(table.columns().size(), out);
        for (Column column : table.columns()) {
            writeColumn(column, out);
        }
        writeTexts(table.primaryKey(), out);
    }

    /** What {@link #writeTableSchema} wrote. */
    public static TableSchema readTableSchema(DataInput in) throws IOException {
        Wire.readVersion(in, TABLE_VERSION, "a table's schema");
        TableId id = readTableId(in);
        int count = Wire.readCount(in, "the columns of " + id);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(readColumn(in));
        }
        List<String> primaryKey = readTexts(in, "a key column of " + id);
        return Wire.checked("the schema of " + id, () -> new TableSchema(id, columns, primaryKey));
    }

    private static void writeColumn(Column column, DataOutput out) throws IOException {
        Wire.writeText(column.name(), out);
        writeType(column.type(), out);
        FieldValue value = column.defaultValue();
        out.writeByte((column.nullable() ? NULLABLE : 0) | (value == null ? 0 : HAS_DEFAULT));
        if (value != null) {
            Wire.writeBytes(value.toByteArray(), out);
        }
        Wire.writeText(column.sourceType(), out);
    }

    private static Column readColumn(DataInput in) throws IOException {
        String name = Wire.readText(in, "a column's name");
        ColumnType type = readType(in, 0);
        int flags = in.readUnsignedByte();
        if (flags > (NULLABLE | HAS_DEFAULT)) {
            throw Wire.damaged("column " + name + " has unknown flags " + flags);
        }
        FieldValue value =
                (flags & HAS_DEFAULT) == 0 ? null : new FieldValue(Wire.readBytes(in, "the default of " + name));
        String sourceType = Wire.readText(in, "the type's name of " + name);
        return Wire.checked("column " + name, () -> new Column(name, type, (flags & NULLABLE) != 0, value, sourceType));
    }

    private static void writeType(ColumnType type, DataOutput out) throws IOException {
        out.writeByte(KindCode.of(type.kind()));
        Varint.write(type.precision(), out);
        out.writeInt(type.scale());
        writeTexts(type.labels(), out);
        ColumnType element = type.element();
        if (element != null) {
            writeType(element, out);
        }
    }

    private static ColumnType readType(DataInput in, int depth) throws IOException {
        if (depth > NESTING_MAX) {
            throw Wire.damaged("an array type nests " + depth + " deep");
        }
        ColumnType.Kind kind = KindCode.kind(in.readUnsignedByte());
        int precision = Wire.readCount(in, "a type's precision");
        int scale = in.readInt();
        List<String> labels = readTexts(in, "an enumeration's label");
        // Exactly an array has an element type: no flag needed.
        @Nullable ColumnType element = kind == ColumnType.Kind.ARRAY ? readType(in, depth + 1) : null;
        return Wire.checked("a column's type", () -> new ColumnType(kind, precision, scale, labels, element));
    }

    private static void writeTexts(List<String> texts, DataOutput out) throws IOException {
        Varint.write(texts.size(), out);
        for (String text : texts) {
            Wire.writeText(text, out);
        }
    }

    private static List<String> readTexts(DataInput in, String what) throws IOException {
        int count = Wire.readCount(in, what);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(Wire.readText(in, what));
        }
        return texts;
    }
}
