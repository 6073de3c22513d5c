package io.cdcsystem.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E5")
class AvroChangeReaderTest {
    private static final String OLD =
            "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}";
    private static final String NEW =
            "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"},"
                    + "{\"name\":\"note\",\"type\":[\"null\",\"string\"],\"default\":null}]}";
    private static final String OTHER =
            "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"must\",\"type\":\"string\"}]}";

    private final FixedRegistry registry = new FixedRegistry();

    @Test
    void a_record_is_read_with_the_schema_of_its_id() throws IOException {
        GenericRecord record = new AvroChangeReader(registry).read(framed(7, OLD, "id", 5));

        assertThat(record.getSchema()).isEqualTo(new Schema.Parser().parse(OLD));
        assertThat(record.get("id")).isEqualTo(5);
    }

    @Test
    @Tag("E8")
    void a_schema_is_fetched_once_and_then_used_without_the_registry() throws IOException {
        AvroChangeReader reader = new AvroChangeReader(registry);
        reader.read(framed(7, OLD, "id", 5));
        registry.schemas.clear();

        assertThat(reader.read(framed(7, OLD, "id", 6)).get("id")).isEqualTo(6);
        assertThat(registry.calls).isEqualTo(1);
    }

    @Test
    @Tag("E6")
    void an_old_record_comes_back_in_the_shape_of_a_newer_reader() throws IOException {
        AvroChangeReader reader = new AvroChangeReader(registry, new Schema.Parser().parse(NEW));
        GenericRecord record = reader.read(framed(7, OLD, "id", 5));

        assertThat(record.get("id")).isEqualTo(5L);
        assertThat(record.get("note")).isNull();
    }

    @Test
    void an_incompatible_reader_schema_is_an_error_that_names_the_id() throws IOException {
        AvroChangeReader reader = new AvroChangeReader(registry, new Schema.Parser().parse(OTHER));
        byte[] framed = framed(7, OLD, "id", 5);

        assertThatThrownBy(() -> reader.read(framed))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION))
                .hasMessageContaining("schema of id 7")
                .hasMessageContaining("must");
    }

    @Test
    void other_framing_is_told_with_a_guess() {
        assertThatThrownBy(() -> new AvroChangeReader(registry).read("{\"id\":1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("begins with 0x7b")
                .hasMessageContaining("debezium-avro");
        assertThatThrownBy(() -> new AvroChangeReader(registry).read(new byte[0]))
                .isInstanceOf(CdcException.class);
    }

    @Test
    void bytes_cut_short_or_left_over_are_errors() throws IOException {
        byte[] whole = framed(7, OLD, "id", 5_000_000);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> new AvroChangeReader(registry).read(cut)).isInstanceOf(CdcException.class);
        }
        assertThatThrownBy(() -> new AvroChangeReader(registry).read(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("left behind");
    }

    private byte[] framed(int id, String schema, String field, Object value) throws IOException {
        registry.schemas.put(id, schema);
        Schema parsed = new Schema.Parser().parse(schema);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream header = new DataOutputStream(bytes);
        header.writeByte(0);
        header.writeInt(id);
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(parsed)
                .write(new GenericRecordBuilder(parsed).set(field, value).build(), encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static final class FixedRegistry implements SchemaRegistry {
        private final Map<Integer, String> schemas = new HashMap<>();
        private int calls;

        @Override
        public int register(String subject, String avroSchemaJson) {
            throw new IllegalStateException("a reader registers nothing");
        }

        @Override
        public String schemaById(int id) {
            calls++;
            String schema = schemas.get(id);
            if (schema == null) {
                throw new CdcException(ErrorCode.REGISTRY_UNREACHABLE, "down");
            }
            return schema;
        }
    }
}
