package io.cdcsystem.consumer;

import io.cdcsystem.schema.codec.TableEncoder;
import io.cdcsystem.schema.codec.TableEncoders;
import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.TopicNames;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.SchemaRegistry;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** The table {@code public.orders} through its versions, written by the product's own schemas and encoders. */
public final class EvolvingTable {
    private static final TransactionInfo TRANSACTION = new TransactionInfo(555, 24_023_200, 24_023_119, 1_754_300_000L);
    private static final TableId ID = new TableId("shop", "public", "orders");
    private static final Column KEY = new Column("id", ColumnType.of(Kind.INT32), false, null, "int4");

    private final EnvelopeConfig config;
    private final @Nullable String registryUrl;

    /** A table of topic {@code <prefix>.public.orders}; JSON alone where there is no registry. */
    public EvolvingTable(String prefix, @Nullable String registryUrl) {
        this.config = EnvelopeConfig.of(prefix, "postgresql");
        this.registryUrl = registryUrl;
    }

    public static SchemaRegistry registry(String url) {
        return new HttpSchemaRegistry(new RegistryConfig(List.of(url), null, null, Duration.ofMinutes(5)));
    }

    public String topic() {
        return TopicNames.forTable(config.topicPrefix(), ID);
    }

    /** A version: the key {@code id} and these columns. */
    public static TableSchema version(Column... columns) {
        List<Column> all = new ArrayList<>(List.of(KEY));
        all.addAll(List.of(columns));
        return new TableSchema(ID, all, List.of("id"));
    }

    public static Column column(String name, ColumnType type, boolean nullable) {
        return new Column(name, type, nullable, null, type.kind().name());
    }

    public static Column column(String name, ColumnType type, boolean nullable, byte[] defaultValue) {
        return new Column(
                name, type, nullable, new FieldValue(defaultValue), type.kind().name());
    }

    /** A row; null is NULL. */
    public static Row row(int id, byte @Nullable []... fields) {
        RowWriter writer = new RowWriter();
        byte[] key = int32(id);
        writer.writeField(key, 0, key.length);
        for (byte[] field : fields) {
            if (field == null) {
                writer.writeNull();
            } else {
                writer.writeField(field, 0, field.length);
            }
        }
        return writer.finish();
    }

    public static byte[] int32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    public static byte[] int64(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    public static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] decimal(int scale, int unscaled) {
        return ByteBuffer.allocate(5).putInt(scale).put((byte) unscaled).array();
    }

    public Schema valueSchema(TableSchema version) {
        return new Schema.Parser().parse(AvroSchemas.value(config, version));
    }

    /** Registers the version of values, compatible or not. */
    public int valueId(TableSchema version) {
        return id(RecordPart.VALUE, AvroSchemas.value(config, version));
    }

    public byte[] key(TableSchema version, Row row) {
        return Objects.requireNonNull(avro(version).key(row));
    }

    public byte[] created(TableSchema version, Row row) {
        return avro(version).value(Op.CREATE, null, row, change(version, Op.CREATE, null, row), 1);
    }

    public byte[] deleted(TableSchema version, Row row) {
        return avro(version).value(Op.DELETE, row, null, change(version, Op.DELETE, row, null), 1);
    }

    public byte[] createdJson(TableSchema version, Row row, boolean schemas) {
        return json(version, schemas).value(Op.CREATE, null, row, change(version, Op.CREATE, null, row), 1);
    }

    public byte[] deletedJson(TableSchema version, Row row, boolean schemas) {
        return json(version, schemas).value(Op.DELETE, row, null, change(version, Op.DELETE, row, null), 1);
    }

    public byte[] keyJson(TableSchema version, Row row, boolean schemas) {
        return Objects.requireNonNull(json(version, schemas).key(row));
    }

    private TableEncoder json(TableSchema version, boolean schemas) {
        return TableEncoders.json(config.withSchemasEnable(schemas), version);
    }

    private TableEncoder avro(TableSchema version) {
        return TableEncoders.avro(
                config, version, id(RecordPart.KEY, AvroSchemas.key(config, version)), valueId(version));
    }

    // Set for all subjects: this registry goes back to the global mode where a subject's own is NONE.
    private int id(RecordPart part, String schema) {
        String url = Objects.requireNonNull(registryUrl);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/config"))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\":\"NONE\"}"))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient()
                .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .join();
        boolean wasNoneAlready = response.statusCode() == 404;
        if (response.statusCode() != 200 && !wasNoneAlready) {
            throw new IllegalStateException("the registry answered " + response.body());
        }
        return registry(url).register(part.subject(topic()), schema);
    }

    private static RowChange change(TableSchema version, Op op, @Nullable Row before, @Nullable Row after) {
        return new RowChange(version, op, before, after, new Position(1, 24_023_200, 3), TRANSACTION, 7, null);
    }
}
