package io.cdcsystem.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.RegisteredSchema;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E5")
class ChangeReaderTest {
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
        GenericRecord record = read(following(), framed(7, OLD, "id", 5));

        assertThat(record.getSchema()).isEqualTo(new Schema.Parser().parse(OLD));
        assertThat(record.get("id")).isEqualTo(5);
    }

    @Test
    @Tag("E8")
    void a_schema_is_fetched_once_and_then_used_without_the_registry() throws IOException {
        ChangeReader<GenericRecord> reader = following();
        read(reader, framed(7, OLD, "id", 5));
        registry.schemas.clear();

        assertThat(read(reader, framed(7, OLD, "id", 6)).get("id")).isEqualTo(6);
        assertThat(registry.calls).isEqualTo(1);
    }

    @Test
    @Tag("E6")
    void an_old_record_comes_back_in_the_shape_of_a_newer_reader() throws IOException {
        ChangeReader<GenericRecord> reader = fixed(NEW);
        GenericRecord record = read(reader, framed(7, OLD, "id", 5));

        assertThat(record.get("id")).isEqualTo(5L);
        assertThat(record.get("note")).isNull();
    }

    @Test
    void an_incompatible_reader_schema_is_an_error_that_names_the_id() throws IOException {
        ChangeReader<GenericRecord> reader = fixed(OTHER);
        byte[] framed = framed(7, OLD, "id", 5);

        assertThatThrownBy(() -> read(reader, framed))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.READER_INCOMPATIBLE))
                .hasMessageContaining("schema id 7")
                .hasMessageContaining("field must was not written and has no default");
    }

    @Test
    void other_framing_is_told_with_a_guess() {
        assertThatThrownBy(() -> read(following(), "id=1".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("begins with 0x69")
                .hasMessageContaining("debezium-avro");
        assertThatThrownBy(() -> read(following(), new byte[0])).isInstanceOf(CdcException.class);
    }

    @Test
    void bytes_cut_short_or_left_over_are_errors() throws IOException {
        byte[] whole = framed(7, OLD, "id", 5_000_000);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(following(), cut)).isInstanceOf(CdcException.class);
        }
        assertThatThrownBy(() -> read(following(), Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("left behind");
    }

    @Test
    void what_needs_a_registry_says_so_where_there_is_none() throws IOException {
        byte[] framed = framed(7, OLD, "id", 5);
        ChangeReader<GenericRecord> none = new ChangeReader<>(null, ReaderSchema.writer(), RecordPart.VALUE);
        ChangeReader<GenericRecord> newest = new ChangeReader<>(null, ReaderSchema.newest(), RecordPart.VALUE);
        for (ChangeReader<GenericRecord> reader : List.of(none, newest)) {
            assertThatThrownBy(() -> read(reader, framed))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                    .hasMessageContaining("schema.registry.url");
        }
        assertThatThrownBy(() -> read(newest, "{\"id\":1}".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("the newest version of t-value");
    }

    @Test
    @Tag("E6")
    void a_schema_written_by_hand_is_taken_at_its_word_but_for_what_it_names() throws IOException {
        String date = record("{\"type\":\"int\",\"connect.name\":\"io.debezium.time.Date\"}", "");
        byte[] framed = framed(7, date, "id", 5);

        assertThat(read(fixed(record("\"long\"", "")), framed).get("id")).isEqualTo(5L);
        assertThatThrownBy(() -> read(fixed(record("\"long\"", ",\"connect.name\":\"V\"")), framed))
                .hasMessageContaining("field id was written as int (io.debezium.time.Date) and is read as long;");
        String decimal = "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":";
        byte[] money = framed(8, record(decimal + "2}", ""), "id", ByteBuffer.wrap(new byte[] {77}));
        assertThat(read(fixed(record("\"bytes\"", "")), money).get("id")).isEqualTo(ByteBuffer.wrap(new byte[] {77}));
        assertThatThrownBy(() -> read(fixed(record(decimal + "4}", "")), money))
                .hasMessageContaining("decimal of scale 2")
                .hasMessageContaining("decimal of scale 4");
    }

    @Test
    void a_schema_that_refers_to_itself_is_compared_all_the_same() throws IOException {
        String list = "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"},"
                + "{\"name\":\"next\",\"type\":[\"null\",\"V\"],\"default\":null}]}";
        assertThat(read(fixed(list.replace("\"int\"", "\"long\"")), framed(7, list, "id", 5))
                        .get("id"))
                .isEqualTo(5L);
    }

    private static String record(String type, String annotation) {
        return "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"id\",\"type\":" + type + "}]" + annotation
                + "}";
    }

    private ChangeReader<GenericRecord> following() {
        return new ChangeReader<>(registry, ReaderSchema.writer(), RecordPart.VALUE);
    }

    private ChangeReader<GenericRecord> fixed(String schema) {
        return new ChangeReader<>(registry, ReaderSchema.fixed(new Schema.Parser().parse(schema)), RecordPart.VALUE);
    }

    private static GenericRecord read(ChangeReader<GenericRecord> reader, byte[] bytes) {
        return Objects.requireNonNull(reader.read("t", bytes));
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

        @Override
        public RegisteredSchema newest(String subject) {
            throw new IllegalStateException("not asked for here");
        }

        @Override
        public RegisteredSchema version(String subject, int version) {
            throw new IllegalStateException("not asked for here");
        }
    }
}
