package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.envelope.SchemaNode.ConnectType;
import io.cdcsystem.schema.envelope.SchemaNode.Member;
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
        List<Member> fields = new ArrayList<>();
        for (int index : table.keyIndexes()) {
            Column column = table.columns().get(index);
            fields.add(new Member(column.name(), ColumnSchemas.of(column, false)));
        }
        return SchemaNode.struct(prefix(config, table) + ".Key", null, fields);
    }

    /** The value's struct. */
    static SchemaNode value(EnvelopeConfig config, TableSchema table) {
        List<Member> columns = new ArrayList<>();
        for (Column column : table.columns()) {
            boolean optional = column.nullable() && !table.primaryKey().contains(column.name());
            columns.add(new Member(column.name(), ColumnSchemas.of(column, optional)));
        }
        String prefix = prefix(config, table);
        SchemaNode row = SchemaNode.struct(prefix + ".Value", null, columns).asOptional();
        SchemaNode optionalLong = SchemaNode.plain(ConnectType.INT64).asOptional();
        return SchemaNode.struct(
                prefix + ".Envelope",
                ENVELOPE_VERSION,
                List.of(
                        new Member("before", row),
                        new Member("after", row),
                        new Member("source", SourceSchemas.of(config.connector())),
                        new Member("transaction", transaction()),
                        new Member("op", SchemaNode.plain(ConnectType.STRING)),
                        new Member("ts_ms", optionalLong),
                        new Member("ts_us", optionalLong),
                        new Member("ts_ns", optionalLong)));
    }

    private static SchemaNode transaction() {
        SchemaNode order = SchemaNode.plain(ConnectType.INT64);
        return SchemaNode.struct(
                        "event.block",
                        1,
                        List.of(
                                new Member("id", SchemaNode.plain(ConnectType.STRING)),
                                new Member("total_order", order),
                                new Member("data_collection_order", order)))
                .asOptional();
    }

    // Debezium names schemas after the topic, so they share its substitutions.
    private static String prefix(EnvelopeConfig config, TableSchema table) {
        return TopicNames.forTable(config.topicPrefix(), table.id());
    }
}
