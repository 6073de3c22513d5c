package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.envelope.SchemaNode.ConnectType;
import io.cdcsystem.schema.envelope.SchemaNode.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The schema of the {@code source} block: a prefix that all connectors share, then the connector's own fields. */
final class SourceSchemas {
    private static final SchemaNode STRING = SchemaNode.plain(ConnectType.STRING);
    private static final SchemaNode LONG = SchemaNode.plain(ConnectType.INT64);
    private static final SchemaNode OPTIONAL_STRING = STRING.asOptional();
    private static final SchemaNode OPTIONAL_LONG = LONG.asOptional();
    private static final SchemaNode SNAPSHOT = SchemaNode.semantic(
                    ConnectType.STRING,
                    "io.debezium.data.Enum",
                    Map.of(
                            "allowed",
                            "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"))
            .with(true, new SchemaNode.Default("\"false\"", "\"false\""));

    private SourceSchemas() {}

    /** The block of a connector. */
    static SchemaNode of(String connector) {
        List<Member> own =
                switch (connector) {
                    case "postgresql" -> postgres();
                    default ->
                        throw new IllegalArgumentException("no source block is known for connector " + connector);
                };
        List<Member> fields = new ArrayList<>(common());
        fields.addAll(own);
        return SchemaNode.struct("io.debezium.connector." + connector + ".Source", 1, fields);
    }

    private static List<Member> common() {
        return List.of(
                new Member("version", STRING),
                new Member("connector", STRING),
                new Member("name", STRING),
                new Member("ts_ms", LONG),
                new Member("snapshot", SNAPSHOT),
                new Member("db", STRING),
                new Member("sequence", OPTIONAL_STRING),
                new Member("ts_us", OPTIONAL_LONG),
                new Member("ts_ns", OPTIONAL_LONG));
    }

    private static List<Member> postgres() {
        return List.of(
                new Member("schema", STRING),
                new Member("table", STRING),
                new Member("txId", OPTIONAL_LONG),
                new Member("lsn", OPTIONAL_LONG),
                new Member("xmin", OPTIONAL_LONG),
                new Member("origin", OPTIONAL_STRING),
                new Member("origin_lsn", OPTIONAL_LONG));
    }
}
