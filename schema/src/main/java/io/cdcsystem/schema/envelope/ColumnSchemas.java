package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.envelope.SchemaNode.ConnectType;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.field.JsonFieldEncoders;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.FieldValue;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The schema of a column: Debezium's type mapping with its default modes. */
public final class ColumnSchemas {
    private static final int MILLI_DIGITS = 3;
    private static final String UNLIMITED = Integer.toString(Integer.MAX_VALUE);

    private ColumnSchemas() {}

    /**
     * The column's default, in the layout of its type, as far as topics can express it; null for none. Where there is one,
     * a null of the column is published as the default.
     */
    public static byte @Nullable [] expressibleDefault(Column column) {
        FieldValue value = column.defaultValue();
        if (value == null) {
            return null;
        }
        try {
            byte[] payload = value.toByteArray();
            JsonFieldEncoders.of(column.type(), column.name()).encode(payload);
            return payload;
        } catch (CdcException notExpressible) {
            // A default is a convenience of the schema: without it the column's values are still complete.
            return null;
        }
    }

    /** Whether the Avro schema holds the column's default, which turns an optional column's union round. */
    public static boolean hasAvroDefault(Column column) {
        byte[] payload = expressibleDefault(column);
        return payload != null && avroDefault(column.type(), payload) != null;
    }

    /** The schema of a column's field. */
    static SchemaNode of(Column column, boolean optional) {
        byte[] payload = expressibleDefault(column);
        SchemaNode.Default defaultValue = payload == null
                ? null
                : new SchemaNode.Default(json(column.type(), payload), avroDefault(column.type(), payload));
        return of(column.type()).with(optional, defaultValue);
    }

    /** The schema of a type: required, without a default. */
    static SchemaNode of(ColumnType type) {
        boolean millis = type.precision() <= MILLI_DIGITS;
        return switch (type.kind()) {
            case BOOLEAN -> SchemaNode.plain(ConnectType.BOOLEAN);
            case INT16 -> SchemaNode.plain(ConnectType.INT16);
            case INT32 -> SchemaNode.plain(ConnectType.INT32);
            case INT64 -> SchemaNode.plain(ConnectType.INT64);
            case FLOAT32 -> SchemaNode.plain(ConnectType.FLOAT32);
            case FLOAT64 -> SchemaNode.plain(ConnectType.FLOAT64);
            case DECIMAL -> decimal(type);
            case VARIABLE_DECIMAL -> variableDecimal();
            case STRING, OPAQUE -> SchemaNode.plain(ConnectType.STRING);
            case JSON -> semantic(ConnectType.STRING, "io.debezium.data.Json");
            case XML -> semantic(ConnectType.STRING, "io.debezium.data.Xml");
            case UUID -> semantic(ConnectType.STRING, "io.debezium.data.Uuid");
            case ENUM ->
                SchemaNode.semantic(
                        ConnectType.STRING,
                        "io.debezium.data.Enum",
                        Map.of("allowed", String.join(",", type.labels())));
            case BYTES -> SchemaNode.plain(ConnectType.BYTES);
            case BITS -> bits(type.precision());
            case DATE -> semantic(ConnectType.INT32, "io.debezium.time.Date");
            case TIME ->
                millis
                        ? semantic(ConnectType.INT32, "io.debezium.time.Time")
                        : semantic(ConnectType.INT64, "io.debezium.time.MicroTime");
            case TIME_TZ -> semantic(ConnectType.STRING, "io.debezium.time.ZonedTime");
            case TIMESTAMP ->
                semantic(ConnectType.INT64, millis ? "io.debezium.time.Timestamp" : "io.debezium.time.MicroTimestamp");
            case TIMESTAMP_TZ -> semantic(ConnectType.STRING, "io.debezium.time.ZonedTimestamp");
            case INTERVAL -> semantic(ConnectType.INT64, "io.debezium.time.MicroDuration");
            case ARRAY ->
                SchemaNode.array(of(Objects.requireNonNull(type.element())).asOptional());
        };
    }

    private static SchemaNode semantic(ConnectType type, String name) {
        return SchemaNode.semantic(type, name, Map.of());
    }

    private static SchemaNode decimal(ColumnType type) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("scale", Integer.toString(type.scale()));
        if (type.precision() > 0) {
            parameters.put("connect.decimal.precision", Integer.toString(type.precision()));
        }
        return SchemaNode.semantic(ConnectType.BYTES, EnvelopeSchemas.DECIMAL, parameters);
    }

    private static SchemaNode variableDecimal() {
        return SchemaNode.struct(
                        "io.debezium.data.VariableScaleDecimal",
                        1,
                        List.of(
                                new SchemaNode.Member("scale", SchemaNode.plain(ConnectType.INT32)),
                                new SchemaNode.Member("value", SchemaNode.plain(ConnectType.BYTES))))
                .withDoc("Variable scaled decimal");
    }

    private static SchemaNode bits(int length) {
        if (length == 1) {
            return SchemaNode.plain(ConnectType.BOOLEAN);
        }
        String shown = length == 0 ? UNLIMITED : Integer.toString(length);
        return SchemaNode.semantic(ConnectType.BYTES, "io.debezium.data.Bits", Map.of("length", shown));
    }

    private static String json(ColumnType type, byte[] payload) {
        return new String(JsonFieldEncoders.of(type, "a default").encode(payload), StandardCharsets.UTF_8);
    }

    // Left out: what JSON numbers cannot say, records (one name could not be defined with two defaults), and array
    // elements (they are unions, whose defaults can only be of the first branch, null).
    private static @Nullable String avroDefault(ColumnType type, byte[] payload) {
        return switch (type.kind()) {
            case FLOAT32 ->
                Float.isFinite(Float.intBitsToFloat(BigEndian.getInt(payload, 0))) ? json(type, payload) : null;
            case FLOAT64 ->
                Double.isFinite(Double.longBitsToDouble(BigEndian.getLong(payload, 0))) ? json(type, payload) : null;
            case DECIMAL -> JsonText.latin1(payload, Integer.BYTES);
            case BYTES -> JsonText.latin1(payload, 0);
            case BITS -> type.precision() == 1 ? json(type, payload) : JsonText.latin1(payload, 0);
            case VARIABLE_DECIMAL -> null;
            case ARRAY -> BigEndian.getInt(payload, 0) == 0 ? "[]" : null;
            default -> json(type, payload);
        };
    }
}
