package io.cdcsystem.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.schema.envelope.AvroNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Shapes JSON to an Avro schema by the names of fields, as Kafka Connect's JsonConverter writes values: bytes in base64,
 * numbers that are none as text. A missing field takes its default, one too many is dropped. Values change no meaning:
 * integers become longer ones or floating, nothing else.
 */
final class JsonShaper {
    private JsonShaper() {}

    /** A value that the schema has no room for; the message names field and value. */
    static final class MisfitException extends Exception {
        private static final long serialVersionUID = 1L;

        MisfitException(String path, String why) {
            super((path.isEmpty() ? "the record " : "field " + path + " ") + why);
        }
    }

    /** The value of a whole record. */
    static GenericRecord shape(JsonNode payload, Schema schema) throws MisfitException {
        return record(payload, schema, "");
    }

    private static @Nullable Object value(JsonNode json, Schema schema, String path) throws MisfitException {
        switch (schema.getType()) {
            case UNION -> {
                return union(json, schema, path);
            }
            case NULL -> {
                if (json.isNull()) {
                    return null;
                }
            }
            case RECORD -> {
                return record(json, schema, path);
            }
            case ARRAY -> {
                return array(json, schema, path);
            }
            case MAP -> {
                return map(json, schema, path);
            }
            case FLOAT, DOUBLE -> {
                Double number = floating(json);
                if (number != null) {
                    return schema.getType() == Schema.Type.DOUBLE ? number : (Object) number.floatValue();
                }
            }
            default -> {
                Object scalar = scalar(json, schema);
                if (scalar != null) {
                    return scalar;
                }
            }
        }
        throw new MisfitException(path, "is " + shown(json) + " and is read as " + shown(schema));
    }

    /** A value of a type that has one form in JSON; null where it is of another. */
    private static @Nullable Object scalar(JsonNode json, Schema schema) {
        return switch (schema.getType()) {
            case BOOLEAN -> json.isBoolean() ? json.booleanValue() : null;
            case INT -> json.isIntegralNumber() && json.canConvertToInt() ? json.intValue() : null;
            case LONG -> json.isIntegralNumber() && json.canConvertToLong() ? json.longValue() : null;
            case STRING -> json.isTextual() ? json.textValue() : null;
            case BYTES -> bytes(json);
            case ENUM ->
                json.isTextual() && schema.hasEnumSymbol(json.textValue())
                        ? new GenericData.EnumSymbol(schema, json.textValue())
                        : null;
            default -> null;
        };
    }

    private static GenericRecord record(JsonNode json, Schema schema, String path) throws MisfitException {
        if (!json.isObject()) {
            throw new MisfitException(path, "is " + shown(json) + " and is read as the record " + schema.getFullName());
        }
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            String name = path.isEmpty() ? field.name() : path + "." + field.name();
            JsonNode member = member(json, field);
            if (member != null) {
                record.put(field.pos(), value(member, field.schema(), name));
            } else if (field.hasDefaultValue()) {
                record.put(field.pos(), GenericData.get().getDefaultValue(field));
            } else {
                throw new MisfitException(name, "was not written and has no default in the reader's schema");
            }
        }
        return record;
    }

    // Names in JSON are the database's; those in a schema may be adjusted to Avro, or newer.
    private static @Nullable JsonNode member(JsonNode json, Schema.Field field) {
        JsonNode same = json.get(field.name());
        if (same != null) {
            return same;
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            String name = AvroNames.name(member.getKey());
            if (name.equals(field.name()) || field.aliases().contains(name)) {
                return member.getValue();
            }
        }
        return null;
    }

    private static @Nullable Object union(JsonNode json, Schema schema, String path) throws MisfitException {
        MisfitException first = null;
        for (Schema branch : schema.getTypes()) {
            try {
                if (branch.getType() != Schema.Type.NULL || json.isNull()) {
                    return value(json, branch, path);
                }
            } catch (MisfitException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new MisfitException(path, "is " + shown(json) + " and is read as " + schema) : first;
    }

    private static List<@Nullable Object> array(JsonNode json, Schema schema, String path) throws MisfitException {
        if (!json.isArray()) {
            throw new MisfitException(path, "is " + shown(json) + " and is read as an array");
        }
        List<@Nullable Object> elements = new ArrayList<>(json.size());
        for (JsonNode element : json) {
            elements.add(value(element, schema.getElementType(), path + "[]"));
        }
        return elements;
    }

    private static Map<String, @Nullable Object> map(JsonNode json, Schema schema, String path) throws MisfitException {
        if (!json.isObject()) {
            throw new MisfitException(path, "is " + shown(json) + " and is read as a map");
        }
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            entries.put(entry.getKey(), value(entry.getValue(), schema.getValueType(), path + "{}"));
        }
        return entries;
    }

    private static @Nullable Double floating(JsonNode json) {
        if (json.isNumber()) {
            return json.doubleValue();
        }
        return switch (json.isTextual() ? json.textValue() : "") {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> null;
        };
    }

    private static @Nullable ByteBuffer bytes(JsonNode json) {
        try {
            return json.isTextual() ? ByteBuffer.wrap(json.binaryValue()) : null;
        } catch (IOException notBase64) {
            return null;
        }
    }

    // Never the value itself: rows are not for logs.
    private static String shown(JsonNode json) {
        return switch (json.getNodeType()) {
            case NULL -> "null";
            case NUMBER -> json.isIntegralNumber() ? "an integer" : "a number with a fraction";
            case STRING -> "a text";
            case BOOLEAN -> "a boolean";
            case ARRAY -> "an array";
            default -> "an object";
        };
    }

    private static String shown(Schema schema) {
        return schema.getType().getName();
    }
}
