package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.ColumnSchemas;
import io.cdcsystem.schema.envelope.ConnectSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.JsonText;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.field.FieldEncoder;
import io.cdcsystem.schema.field.JsonFieldEncoders;
import io.cdcsystem.schema.field.Substitutes;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.schema.template.DeleteTemplate;
import io.cdcsystem.schema.template.JsonKeyLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Records in JSON. */
final class JsonTableEncoder implements TableEncoder {
    private static final byte[] NOTHING = {};
    private static final byte[] NULL = utf8("null");
    private static final byte[] AFTER = utf8(",\"after\":");
    private static final byte[] SOURCE = utf8(",\"source\":");
    private static final byte[] TS_US = utf8(",\"ts_us\":");
    private static final byte[] TS_NS = utf8(",\"ts_ns\":");

    private final ByteSink out = new ByteSink();
    private final boolean keyed;
    private final ColumnWriter[] columns;
    private final int[] keyIndexes;
    private final JsonKeyLayout keyLayout;
    private final RowEncoder rows;
    private final KeyEncoder keys;
    private final KeyHeaderEncoder headers;
    private final SourceBlock source;
    private final byte[] keyStart;
    private final byte[] keyEnd;
    private final byte[] start;
    private final Map<Op, byte[]> operations = new EnumMap<>(Op.class);
    private final byte[] end;

    JsonTableEncoder(EnvelopeConfig config, TableSchema table) {
        columns = new ColumnWriter[table.columns().size()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = column(config, table, table.columns().get(i), i == 0);
        }
        keyIndexes = table.keyIndexes();
        byte[][] labels = new byte[keyIndexes.length][];
        ColumnWriter[] keyColumns = new ColumnWriter[keyIndexes.length];
        for (int i = 0; i < keyIndexes.length; i++) {
            keyColumns[i] = column(config, table, table.columns().get(keyIndexes[i]), i == 0);
            labels[i] = keyColumns[i].label();
        }
        boolean schemas = config.schemasEnable();
        keyed = table.hasPrimaryKey();
        rows = new RowEncoder(columns);
        keys = new KeyEncoder(keyColumns, keyIndexes, columns.length);
        headers = new KeyHeaderEncoder(table);
        source = SourceBlock.json(config, table.id());
        boolean keySchema = schemas && keyed;
        keyStart = utf8((keySchema ? "{\"schema\":" + ConnectSchemas.key(config, table) + ",\"payload\":" : "") + "{");
        keyEnd = utf8(keySchema ? "}}" : "}");
        keyLayout = new JsonKeyLayout(keyStart, labels, keyEnd);
        start = utf8((schemas ? "{\"schema\":" + ConnectSchemas.value(config, table) + ",\"payload\":" : "")
                + "{\"before\":");
        end = utf8(schemas ? "}}" : "}");
        for (Op op : Op.values()) {
            operations.put(op, utf8(",\"transaction\":null,\"op\":\"" + op.code() + "\",\"ts_ms\":"));
        }
    }

    @Override
    public byte @Nullable [] key(Row row) {
        if (!keyed) {
            return null;
        }
        out.reset();
        out.put(keyStart);
        keys.write(row, out);
        out.put(keyEnd);
        return out.toByteArray();
    }

    @Override
    public byte[] keyHeader(Row row) {
        return headers.encode(row);
    }

    @Override
    public byte[] value(Op op, @Nullable Row before, @Nullable Row after, SourceEvent event, long nowMicros) {
        out.reset();
        out.put(start);
        row(before, null);
        out.put(AFTER);
        row(after, before == null && event instanceof RowChange change ? change.before() : before);
        end(op, event, nowMicros);
        return out.toByteArray();
    }

    @Override
    public DeleteTemplate deletes(SnapshotCompleted event, long nowMicros) {
        out.reset();
        out.put(start);
        out.put('{');
        HoleyRow before = new HoleyRow(columns, keyIndexes, out);
        out.put('}');
        out.put(AFTER);
        row(null, null);
        end(Op.DELETE, event, nowMicros);
        return before.template(keyLayout, out.toByteArray());
    }

    private void end(Op op, SourceEvent event, long nowMicros) {
        out.put(SOURCE);
        source.write(event, out);
        out.put(Objects.requireNonNull(operations.get(op)));
        out.putDecimal(Math.floorDiv(nowMicros, 1000));
        out.put(TS_US);
        out.putDecimal(nowMicros);
        out.put(TS_NS);
        out.putDecimal(nowMicros * 1000);
        out.put(end);
    }

    private void row(@Nullable Row row, @Nullable Row old) {
        if (row == null) {
            out.put(NULL);
            return;
        }
        out.put('{');
        rows.write(row, old, out);
        out.put('}');
    }

    private static ColumnWriter column(EnvelopeConfig config, TableSchema table, Column column, boolean first) {
        String where = table.id() + "." + column.name();
        FieldEncoder encoder = JsonFieldEncoders.of(column.type(), where);
        boolean optional = column.nullable() && !table.primaryKey().contains(column.name());
        byte[] defaultValue = ColumnSchemas.expressibleDefault(column);
        byte[] placeholder = Substitutes.placeholder(column.type(), config.unavailablePlaceholder());
        byte[] substitute;
        if (defaultValue != null) {
            substitute = encoder.encode(defaultValue);
        } else if (optional) {
            substitute = NULL;
        } else {
            substitute = JsonFieldEncoders.of(Substitutes.fallbackType(column.type()), where)
                    .encode(Substitutes.fallback(column.type()));
        }
        byte[] unchanged = optional ? NULL : null;
        return new ColumnWriter(
                where,
                utf8((first ? "" : ",") + JsonText.quote(column.name()) + ":"),
                NOTHING,
                encoder,
                substitute,
                placeholder == null ? unchanged : encoder.encode(placeholder));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
