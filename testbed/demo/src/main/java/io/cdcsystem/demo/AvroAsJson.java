package io.cdcsystem.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Shows Avro records in the JSON form that the JSON format has: bytes as base64, numbers as numbers. */
final class AvroAsJson implements Function<byte[], JsonNode> {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Function<byte[], GenericRecord> reader;

    AvroAsJson(Function<byte[], GenericRecord> reader) {
        this.reader = reader;
    }

    @Override
    public JsonNode apply(byte[] bytes) {
        return toJson(reader.apply(bytes));
    }

    private static JsonNode toJson(@Nullable Object value) {
        if (value == null) {
            return JSON.nullNode();
        } else if (value instanceof GenericRecord record) {
            ObjectNode node = JSON.objectNode();
            for (Schema.Field field : record.getSchema().getFields()) {
                node.set(field.name(), toJson(record.get(field.pos())));
            }
            return node;
        } else if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return JSON.binaryNode(copy);
        } else if (value instanceof List<?> list) {
            ArrayNode node = JSON.arrayNode();
            list.forEach(element -> node.add(toJson(element)));
            return node;
        } else if (value instanceof Boolean bool) {
            return JSON.booleanNode(bool);
        } else if (value instanceof Double number) {
            return JSON.numberNode(number);
        } else if (value instanceof Float number) {
            return JSON.numberNode(number);
        } else if (value instanceof Number number) {
            return JSON.numberNode(number.longValue());
        }
        return JSON.textNode(value.toString());
    }
}
