package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.envelope.SchemaNode.Field;
import io.cdcsystem.schema.envelope.SchemaNode.Type;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.List;

/** Key and value of a table in Connect's model. */
final class EnvelopeSchemas {
    /** The semantic name of a decimal with a fixed scale, which Avro treats as a logical type. */
    static final String DECIMAL = "org.apache.kafka.connect.data.Decimal";

    private static final int ENVELOPE_VERSION = 2;

    private EnvelopeSchemas() {}

    /** The key's struct, its fields in the order of the key's definition. */
    static SchemaNode key(EnvelopeConfig config, TableSchema table) {
        if (!table.hasPrimaryKey()) {
            throw new IllegalArgumentException(table.id() + " has no primary key, so its records have no key schema");
        }
        List<Field> fields = new ArrayList<>();
        for (int index : table.keyIndexes()) {
            Column column = table.columns().get(index);
            fields.add(new Field(column.name(), ColumnSchemas.of(column, false)));
        }
        return SchemaNode.struct(prefix(config, table) + ".Key", null, fields);
    }

    /** The value's struct. */
    static SchemaNode value(EnvelopeConfig config, TableSchema table) {
        List<Field> columns = new ArrayList<>();
        for (Column column : table.columns()) {
            boolean optional = column.nullable() && !table.primaryKey().contains(column.name());
            columns.add(new Field(column.name(), ColumnSchemas.of(column, optional)));
        }
        String prefix = prefix(config, table);
        SchemaNode row = SchemaNode.struct(prefix + ".Value", null, columns).asOptional();
        SchemaNode optionalLong = SchemaNode.plain(Type.INT64).asOptional();
        return SchemaNode.struct(
                prefix + ".Envelope",
                ENVELOPE_VERSION,
                List.of(
                        new Field("before", row),
                        new Field("after", row),
                        new Field("source", SourceSchemas.of(config.connector())),
                        new Field("transaction", transaction()),
                        new Field("op", SchemaNode.plain(Type.STRING)),
                        new Field("ts_ms", optionalLong),
                        new Field("ts_us", optionalLong),
                        new Field("ts_ns", optionalLong)));
    }

    private static SchemaNode transaction() {
        SchemaNode order = SchemaNode.plain(Type.INT64);
        return SchemaNode.struct(
                        "event.block",
                        1,
                        List.of(
                                new Field("id", SchemaNode.plain(Type.STRING)),
                                new Field("total_order", order),
                                new Field("data_collection_order", order)))
                .asOptional();
    }

    // Debezium names schemas after the topic, so they share its substitutions.
    private static String prefix(EnvelopeConfig config, TableSchema table) {
        return TopicNames.forTable(config.topicPrefix(), table.id());
    }
}
