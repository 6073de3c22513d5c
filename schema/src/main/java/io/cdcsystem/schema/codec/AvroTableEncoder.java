package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.ColumnSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.field.AvroFieldEncoders;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.field.FieldEncoder;
import io.cdcsystem.schema.field.Substitutes;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.schema.template.AvroKeyLayout;
import io.cdcsystem.schema.template.DeleteTemplate;
import io.cdcsystem.schema.template.KeyLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Records in Avro with Confluent's framing: a zero byte, the schema's id, the binary encoding. */
final class AvroTableEncoder implements TableEncoder {
    private static final byte[] NOTHING = {};
    private static final byte[] FIRST = {AvroFieldEncoders.FIRST_BRANCH};
    private static final byte[] SECOND = {AvroFieldEncoders.SECOND_BRANCH};

    private final ByteSink out = new ByteSink();
    private final boolean keyed;
    private final int keySchemaId;
    private final int valueSchemaId;
    private final ColumnWriter[] columns;
    private final int[] keyIndexes;
    private final byte[][] keyShapes;
    private final RowEncoder rows;
    private final KeyEncoder keys;
    private final KeyHeaderEncoder headers;
    private final SourceBlock source;
    private final Map<Op, byte[]> operations = new EnumMap<>(Op.class);

    AvroTableEncoder(EnvelopeConfig config, TableSchema table, int keySchemaId, int valueSchemaId) {
        columns = new ColumnWriter[table.columns().size()];
        for (int i = 0; i < columns.length; i++) {
            Column column = table.columns().get(i);
            boolean optional = column.nullable() && !table.primaryKey().contains(column.name());
            columns[i] = column(config, table, column, optional);
        }
        keyIndexes = table.keyIndexes();
        ColumnWriter[] keyColumns = new ColumnWriter[keyIndexes.length];
        keyShapes = new byte[keyIndexes.length][];
        for (int i = 0; i < keyIndexes.length; i++) {
            Column column = table.columns().get(keyIndexes[i]);
            keyColumns[i] = column(config, table, column, false);
            keyShapes[i] = AvroFieldEncoders.shape(column.type());
        }
        this.keySchemaId = keySchemaId;
        this.valueSchemaId = valueSchemaId;
        keyed = table.hasPrimaryKey();
        rows = new RowEncoder(columns);
        keys = new KeyEncoder(keyColumns, keyIndexes, columns.length);
        headers = new KeyHeaderEncoder(table);
        source = SourceBlock.avro(config, table.id());
        for (Op op : Op.values()) {
            operations.put(op, operation(op));
        }
    }

    @Override
    public byte @Nullable [] key(Row row) {
        if (!keyed) {
            return null;
        }
        frame(keySchemaId);
        keys.write(row, out);
        return out.toByteArray();
    }

    @Override
    public byte[] keyHeader(Row row) {
        return headers.encode(row);
    }

    @Override
    public byte[] value(Op op, @Nullable Row before, @Nullable Row after, SourceEvent event, long nowMicros) {
        frame(valueSchemaId);
        row(before, null);
        row(after, before == null && event instanceof RowChange change ? change.before() : before);
        end(op, event, nowMicros);
        return out.toByteArray();
    }

    @Override
    public DeleteTemplate deletes(SnapshotCompleted event, long nowMicros) {
        frame(keySchemaId);
        KeyLayout layout = new AvroKeyLayout(out.toByteArray(), keyShapes);
        frame(valueSchemaId);
        out.put(AvroFieldEncoders.SECOND_BRANCH);
        HoleyRow before = new HoleyRow(columns, keyIndexes, out);
        row(null, null);
        end(Op.DELETE, event, nowMicros);
        return before.template(layout, out.toByteArray());
    }

    private void end(Op op, SourceEvent event, long nowMicros) {
        source.write(event, out);
        out.put(Objects.requireNonNull(operations.get(op)));
        out.putVarLong(Math.floorDiv(nowMicros, 1000));
        out.put(AvroFieldEncoders.SECOND_BRANCH);
        out.putVarLong(nowMicros);
        out.put(AvroFieldEncoders.SECOND_BRANCH);
        out.putVarLong(nowMicros * 1000);
    }

    private void frame(int schemaId) {
        out.reset();
        out.put(0);
        out.putBigEndian(schemaId);
    }

    private void row(@Nullable Row row, @Nullable Row old) {
        if (row == null) {
            out.put(AvroFieldEncoders.FIRST_BRANCH);
            return;
        }
        out.put(AvroFieldEncoders.SECOND_BRANCH);
        rows.write(row, old, out);
    }

    // From the null transaction to the union branch before ts_ms.
    private static byte[] operation(Op op) {
        ByteSink constant = new ByteSink();
        constant.put(AvroFieldEncoders.FIRST_BRANCH);
        byte[] code = op.code().getBytes(StandardCharsets.US_ASCII);
        AvroFieldEncoders.bytes(code, 0, code.length, constant);
        constant.put(AvroFieldEncoders.SECOND_BRANCH);
        return constant.toByteArray();
    }

    // A default that the schema holds stands first in the union of an optional column, otherwise null does.
    private static ColumnWriter column(EnvelopeConfig config, TableSchema table, Column column, boolean optional) {
        String where = table.id() + "." + column.name();
        FieldEncoder encoder = AvroFieldEncoders.of(column.type(), where);
        boolean defaultFirst = ColumnSchemas.hasAvroDefault(column);
        byte[] valueBranch = NOTHING;
        byte[] nullBranch = null;
        if (optional) {
            valueBranch = defaultFirst ? FIRST : SECOND;
            nullBranch = defaultFirst ? SECOND : FIRST;
        }
        byte[] defaultValue = ColumnSchemas.expressibleDefault(column);
        byte[] placeholder = Substitutes.placeholder(column.type(), config.unavailablePlaceholder());
        byte[] substitute;
        if (defaultValue != null) {
            substitute = constant(valueBranch, encoder, defaultValue);
        } else if (nullBranch != null) {
            substitute = nullBranch;
        } else {
            FieldEncoder fallback = AvroFieldEncoders.of(Substitutes.fallbackType(column.type()), where);
            substitute = constant(NOTHING, fallback, Substitutes.fallback(column.type()));
        }
        return new ColumnWriter(
                where,
                NOTHING,
                valueBranch,
                encoder,
                substitute,
                placeholder == null ? nullBranch : constant(valueBranch, encoder, placeholder));
    }

    private static byte[] constant(byte[] branch, FieldEncoder encoder, byte[] payload) {
        ByteSink constant = new ByteSink();
        constant.put(branch);
        encoder.encode(payload, 0, payload.length, constant);
        return constant.toByteArray();
    }
}
