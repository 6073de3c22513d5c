package io.cdcsystem.schema.envelope;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.schema.envelope.SchemaNode.ConnectType;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the {@code schema} document of a JSON record, the inverse of {@link ConnectSchemas}. */
final class ConnectDocument {
    private ConnectDocument() {}

    static SchemaNode parse(JsonNode document) {
        ConnectType type = type(document);
        List<SchemaNode.Member> fields = new ArrayList<>();
        for (JsonNode field : document.path("fields")) {
            fields.add(new SchemaNode.Member(required(field, "field"), parse(field)));
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        document.path("parameters")
                .properties()
                .forEach(each -> parameters.put(each.getKey(), each.getValue().asText()));
        JsonNode version = document.get("version");
        JsonNode defaultValue = document.get("default");
        return new SchemaNode(
                type,
                document.path("optional").asBoolean(),
                text(document, "name"),
                version == null ? null : version.asInt(),
                text(document, "doc"),
                parameters,
                defaultValue == null || defaultValue.isNull() ? null : defaultOf(type, defaultValue),
                fields,
                type == ConnectType.ARRAY ? parse(document.path("items")) : null);
    }

    private static ConnectType type(JsonNode document) {
        String name = document.path("type").asText();
        for (ConnectType type : ConnectType.values()) {
            if (type.connect().equals(name)) {
                return type;
            }
        }
        throw unreadable("its type '" + name + "' is none that the envelope has", null);
    }

    // As ColumnSchemas decides which defaults an Avro schema can hold.
    private static SchemaNode.Default defaultOf(ConnectType type, JsonNode value) {
        String connect = value.toString();
        String avro =
                switch (type) {
                    case BYTES -> JsonText.latin1(binary(value), 0);
                    case FLOAT32, FLOAT64 -> value.isNumber() ? connect : null;
                    case ARRAY -> value.isEmpty() ? connect : null;
                    case STRUCT -> null;
                    default -> connect;
                };
        return new SchemaNode.Default(connect, avro);
    }

    private static byte[] binary(JsonNode value) {
        try {
            return value.binaryValue();
        } catch (IOException e) {
            throw unreadable("a default of bytes is not base64: " + value, e);
        }
    }

    private static String required(JsonNode node, String name) {
        String text = text(node, name);
        if (text == null) {
            throw unreadable("a part of it has no '" + name + "'", null);
        }
        return text;
    }

    private static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value.asText();
    }

    private static CdcException unreadable(String why, @Nullable Exception cause) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "the schema that a JSON record carries is not readable: " + why
                        + "; check that the topic is written by this system or by Debezium",
                cause);
    }
}
