package io.cdcsystem.schema.envelope;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.schema.envelope.SchemaNode.ConnectType;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The Avro schemas of a table's keys and values, as Confluent's converter derives them from Connect's: annotations,
 * unions and defaults in its order.
 *
 * <p>Characters that Avro's names do not allow become {@code _}, Debezium's adjustment for Avro.
 */
public final class AvroSchemas {
    private static final int DEFAULT_DECIMAL_PRECISION = 64;

    private final Set<String> defined = new HashSet<>();
    private final StringBuilder out = new StringBuilder();
    private final String table;

    private AvroSchemas(String table) {
        this.table = table;
    }

    /** The key's schema; the table must have a primary key. */
    public static String key(EnvelopeConfig config, TableSchema table) {
        return new AvroSchemas(table.id().toString()).text(EnvelopeSchemas.key(config, table));
    }

    /** The value's schema. */
    public static String value(EnvelopeConfig config, TableSchema table) {
        return new AvroSchemas(table.id().toString()).text(EnvelopeSchemas.value(config, table));
    }

    /**
     * The same of a {@code schema} document that a JSON record carries, as {@link ConnectSchemas} writes it.
     *
     * @throws CdcException {@code PROTOCOL_VIOLATION} for a document that is none of Connect's, or a type that Debezium's
     *     PostgreSQL envelope does not have
     */
    public static String ofConnect(JsonNode document) {
        SchemaNode node = ConnectDocument.parse(document);
        return new AvroSchemas(String.valueOf(node.name())).text(node);
    }

    private String text(SchemaNode node) {
        type(node, "");
        return out.toString();
    }

    /** The type as a field has it: a union where it is optional. */
    private void unionOrType(SchemaNode node, String namespace) {
        if (!node.optional()) {
            type(node, namespace);
            return;
        }
        boolean defaultFirst = hasDefault(node);
        out.append(defaultFirst ? "[" : "[\"null\",");
        type(node, namespace);
        out.append(defaultFirst ? ",\"null\"]" : "]");
    }

    private void type(SchemaNode node, String namespace) {
        switch (node.type()) {
            case STRUCT -> struct(node, namespace);
            case ARRAY -> {
                out.append("{\"type\":\"array\",\"items\":");
                if (node.items() != null) {
                    unionOrType(node.items(), namespace);
                }
                annotations(node);
                out.append('}');
            }
            default -> primitive(node);
        }
    }

    private void primitive(SchemaNode node) {
        if (node.type() != ConnectType.INT16 && node.name() == null && !hasDefault(node)) {
            out.append('"').append(node.type().avro()).append('"');
            return;
        }
        out.append("{\"type\":\"").append(node.type().avro()).append('"');
        boolean decimal = EnvelopeSchemas.DECIMAL.equals(node.name());
        if (decimal) {
            Map<String, String> parameters = node.parameters();
            out.append(",\"scale\":").append(parameters.get("scale"));
            String precision = parameters.get("connect.decimal.precision");
            out.append(",\"precision\":").append(precision == null ? DEFAULT_DECIMAL_PRECISION : precision);
        }
        annotations(node);
        if (decimal) {
            out.append(",\"logicalType\":\"decimal\"");
        }
        out.append('}');
    }

    private void struct(SchemaNode node, String namespace) {
        String fullName = AvroNames.fullName(String.valueOf(node.name()));
        int dot = fullName.lastIndexOf('.');
        String own = fullName.substring(0, Math.max(dot, 0));
        String simple = fullName.substring(dot + 1);
        if (!defined.add(fullName)) {
            out.append('"').append(own.equals(namespace) ? simple : fullName).append('"');
            return;
        }
        out.append("{\"type\":\"record\",\"name\":\"").append(simple).append('"');
        if (!own.equals(namespace)) {
            out.append(",\"namespace\":\"").append(own).append('"');
        }
        out.append(",\"fields\":[");
        Map<String, String> taken = new HashMap<>();
        String separator = "";
        for (SchemaNode.Member field : node.fields()) {
            String name = AvroNames.name(field.name());
            String other = taken.put(name, field.name());
            if (other != null) {
                throw new CdcException(
                        ErrorCode.SCHEMA_REJECTED,
                        "the columns " + other + " and " + field.name() + " of " + table + " both become " + name
                                + " in Avro; rename or exclude one of them, or use debezium-json");
            }
            out.append(separator).append("{\"name\":\"").append(name).append("\",\"type\":");
            unionOrType(field.schema(), own);
            fieldDefault(field.schema());
            out.append('}');
            separator = ",";
        }
        out.append(']');
        annotations(node);
        out.append('}');
    }

    private void fieldDefault(SchemaNode node) {
        SchemaNode.Default defaultValue = node.defaultValue();
        if (defaultValue != null && defaultValue.avro() != null) {
            out.append(",\"default\":").append(defaultValue.avro());
        } else if (node.optional()) {
            out.append(",\"default\":null");
        }
    }

    private void annotations(SchemaNode node) {
        if (node.doc() != null) {
            out.append(",\"connect.doc\":").append(JsonText.quote(node.doc()));
        }
        if (node.version() != null) {
            out.append(",\"connect.version\":").append(node.version());
        }
        if (!node.parameters().isEmpty()) {
            out.append(",\"connect.parameters\":");
            ConnectSchemas.parameters(node.parameters(), out);
        }
        SchemaNode.Default defaultValue = node.defaultValue();
        if (defaultValue != null && defaultValue.avro() != null) {
            out.append(",\"connect.default\":").append(defaultValue.avro());
        }
        if (node.name() != null) {
            String name = node.type() == ConnectType.STRUCT ? AvroNames.fullName(node.name()) : node.name();
            out.append(",\"connect.name\":").append(JsonText.quote(name));
        }
        if (node.type() == ConnectType.INT16) {
            out.append(",\"connect.type\":\"int16\"");
        }
    }

    private static boolean hasDefault(SchemaNode node) {
        SchemaNode.Default defaultValue = node.defaultValue();
        return defaultValue != null && defaultValue.avro() != null;
    }
}
