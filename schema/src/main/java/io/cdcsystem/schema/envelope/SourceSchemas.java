package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.envelope.SchemaNode.Field;
import io.cdcsystem.schema.envelope.SchemaNode.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The schema of the {@code source} block: a prefix that all connectors share, then the connector's own fields. */
final class SourceSchemas {
    private static final SchemaNode STRING = SchemaNode.plain(Type.STRING);
    private static final SchemaNode LONG = SchemaNode.plain(Type.INT64);
    private static final SchemaNode OPTIONAL_STRING = STRING.asOptional();
    private static final SchemaNode OPTIONAL_LONG = LONG.asOptional();
    private static final SchemaNode SNAPSHOT = SchemaNode.semantic(
                    Type.STRING,
                    "io.debezium.data.Enum",
                    Map.of(
                            "allowed",
                            "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"))
            .with(true, new SchemaNode.Default("\"false\"", "\"false\""));

    private SourceSchemas() {}

    /** The block of a connector. */
    static SchemaNode of(String connector) {
        List<Field> own =
                switch (connector) {
                    case "postgresql" -> postgres();
                    default ->
                        throw new IllegalArgumentException("no source block is known for connector " + connector);
                };
        List<Field> fields = new ArrayList<>(common());
        fields.addAll(own);
        return SchemaNode.struct("io.debezium.connector." + connector + ".Source", 1, fields);
    }

    private static List<Field> common() {
        return List.of(
                new Field("version", STRING),
                new Field("connector", STRING),
                new Field("name", STRING),
                new Field("ts_ms", LONG),
                new Field("snapshot", SNAPSHOT),
                new Field("db", STRING),
                new Field("sequence", OPTIONAL_STRING),
                new Field("ts_us", OPTIONAL_LONG),
                new Field("ts_ns", OPTIONAL_LONG));
    }

    private static List<Field> postgres() {
        return List.of(
                new Field("schema", STRING),
                new Field("table", STRING),
                new Field("txId", OPTIONAL_LONG),
                new Field("lsn", OPTIONAL_LONG),
                new Field("xmin", OPTIONAL_LONG),
                new Field("origin", OPTIONAL_STRING),
                new Field("origin_lsn", OPTIONAL_LONG));
    }
}
