package io.cdcsystem.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Turns JSON records into Avro's bytes, so that one resolution serves both formats. A schema that records carry is
 * translated once per version. Belongs to one thread.
 */
final class JsonRecords {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<JsonNode, Schema> writers = new HashMap<>();

    /**
     * A record as it came.
     *
     * @param writer the schema it carries; null for none
     * @param payload its fields
     */
    record Document(@Nullable Schema writer, JsonNode payload) {}

    Document parse(String topic, byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (IOException e) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "a record of topic " + topic + " is not the JSON it begins like: " + e.getMessage(),
                    e);
        }
        JsonNode schema = root.path("schema");
        if (root.size() != 2 || !schema.path("type").isTextual() || !root.has("payload")) {
            return new Document(null, root);
        }
        Schema writer = writers.get(schema);
        if (writer == null) {
            writer = translate(topic, schema);
            writers.put(schema, writer);
        }
        return new Document(writer, root.path("payload"));
    }

    /**
     * A payload in Avro's binary encoding.
     *
     * @param schema what its fields are to be
     * @param schemaName what messages call it
     */
    byte[] toAvro(String topic, JsonNode payload, Schema schema, String schemaName) {
        try {
            Object record = JsonShaper.shape(payload, schema);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<>(schema).write(record, encoder);
            return out.toByteArray();
        } catch (JsonShaper.MisfitException | AvroRuntimeException | IOException e) {
            throw new CdcException(
                    ErrorCode.READER_INCOMPATIBLE,
                    "a JSON record of topic " + topic + " cannot be read as " + schemaName + ": " + e.getMessage()
                            + "; choose a reader schema that gives the field a default or the type that it has",
                    e);
        }
    }

    private static Schema translate(String topic, JsonNode connect) {
        try {
            return new Schema.Parser().setValidateDefaults(false).parse(AvroSchemas.ofConnect(connect));
        } catch (AvroRuntimeException e) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "the schema that a record of topic " + topic + " carries is none that Avro can say: "
                            + e.getMessage(),
                    e);
        }
    }
}
