package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.field.HeaderFieldEncoders;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;

/** Writes a key as Kafka Connect's SimpleHeaderConverter prints its struct, whatever the records' format is. */
final class KeyHeaderEncoder {
    private static final byte[] NOTHING = {};

    private final ByteSink out = new ByteSink();
    private final String table;
    private final boolean keyed;
    private final KeyEncoder keys;

    KeyHeaderEncoder(TableSchema schema) {
        int[] keyIndexes = schema.keyIndexes();
        ColumnWriter[] columns = new ColumnWriter[keyIndexes.length];
        for (int i = 0; i < keyIndexes.length; i++) {
            Column column = schema.columns().get(keyIndexes[i]);
            String where = schema.id() + "." + column.name();
            columns[i] = new ColumnWriter(
                    where,
                    label(column.name(), i == 0),
                    NOTHING,
                    HeaderFieldEncoders.of(column.type(), where),
                    NOTHING,
                    null);
        }
        table = schema.id().toString();
        keyed = schema.hasPrimaryKey();
        keys = new KeyEncoder(columns, keyIndexes, schema.columns().size());
    }

    byte[] encode(Row row) {
        if (!keyed) {
            throw new IllegalStateException(table + " has no primary key to put into a header");
        }
        out.reset();
        out.put('{');
        keys.write(row, out);
        out.put('}');
        return out.toByteArray();
    }

    private static byte[] label(String name, boolean first) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        ByteSink label = new ByteSink();
        if (!first) {
            label.put(',');
        }
        HeaderFieldEncoders.string(utf8, 0, utf8.length, label);
        label.put(':');
        return label.toByteArray();
    }
}
