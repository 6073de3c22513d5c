package io.cdcsystem.schema.codec;

import static io.cdcsystem.schema.codec.Samples.ANN;
import static io.cdcsystem.schema.codec.Samples.CONFIG;
import static io.cdcsystem.schema.codec.Samples.CUSTOMERS;
import static io.cdcsystem.schema.codec.Samples.NOW;
import static io.cdcsystem.schema.codec.Samples.column;
import static io.cdcsystem.schema.codec.Samples.table;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AvroTableEncoderTest {
    static List<FieldCase> cases() {
        return FieldCase.all();
    }

    @Test
    @Tag("E5")
    void records_carry_the_confluent_frame() {
        TableEncoder encoder = TableEncoders.avro(CONFIG, CUSTOMERS, 7, 0x01020304);
        byte[] value = encoder.value(Op.CREATE, null, ANN, streamed(CUSTOMERS, Op.CREATE, null, ANN), NOW);
        assertThat(Arrays.copyOf(value, 5)).containsExactly(0, 1, 2, 3, 4);
        assertThat(HexFormat.of().formatHex(requireNonNull(encoder.key(ANN)))).isEqualTo("0000000007da0f");
        assertThat(encoder.keyHeader(ANN)).isEqualTo("{\"id\":1005}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void an_event_reads_back_with_the_generated_schema() throws Exception {
        GenericRecord record = value(CUSTOMERS, Op.UPDATE, ANN, ANN, streamed(CUSTOMERS, Op.UPDATE, ANN, ANN));
        assertThat(record.toString())
                .isEqualTo("{\"before\": {\"id\": 1005, \"first_name\": \"Ann\", \"last_name\": \"Lee\", "
                        + "\"email\": \"ann@x.org\"}, \"after\": {\"id\": 1005, \"first_name\": \"Ann\", "
                        + "\"last_name\": \"Lee\", \"email\": \"ann@x.org\"}, \"source\": {\"version\": \"3.6.1.Final\", "
                        + "\"connector\": \"postgresql\", \"name\": \"server1\", \"ts_ms\": 1754300000123, "
                        + "\"snapshot\": \"false\", \"db\": \"inventory\", "
                        + "\"sequence\": \"[\\\"24023119\\\",\\\"24023128\\\"]\", \"ts_us\": 1754300000123456, "
                        + "\"ts_ns\": 1754300000123456000, \"schema\": \"public\", \"table\": \"customers\", "
                        + "\"txId\": 555, \"lsn\": 24023128, \"xmin\": null, \"origin\": null, \"origin_lsn\": null}, "
                        + "\"transaction\": null, \"op\": \"u\", \"ts_ms\": 1754300000250, "
                        + "\"ts_us\": 1754300000250111, \"ts_ns\": 1754300000250111000}");
    }

    @Test
    @Tag("S4")
    void a_snapshot_read_reads_back() throws Exception {
        GenericRecord record = value(CUSTOMERS, Op.READ, null, ANN, Samples.read(CUSTOMERS, ANN));
        GenericRecord source = (GenericRecord) record.get("source");
        assertThat(record.get("before")).isNull();
        assertThat(record.get("op")).hasToString("r");
        assertThat(source.get("snapshot")).hasToString("true");
        assertThat(source.get("sequence")).hasToString("[null,\"24023000\"]");
        assertThat(source.get("txId")).isEqualTo(550L);
    }

    @Test
    @Tag("S8")
    void rows_of_later_runs_are_marked_incremental() throws Exception {
        GenericRecord record = value(CUSTOMERS, Op.READ, null, ANN, Samples.readAgain(CUSTOMERS, ANN));
        assertThat(((GenericRecord) record.get("source")).get("snapshot")).hasToString("incremental");
    }

    @Test
    @Tag("L2")
    void delete_with_default_identity_fills_not_null_columns() throws Exception {
        TableSchema schema = table(
                column("s", ColumnType.of(Kind.STRING), false),
                column("t", ColumnType.of(Kind.TIMESTAMP_TZ, 6), false),
                column("d", ColumnType.decimal(5, 2), false),
                column("v", ColumnType.of(Kind.VARIABLE_DECIMAL), false),
                column("a", ColumnType.array(ColumnType.of(Kind.INT32)), false),
                column("n", ColumnType.of(Kind.INT64), true));
        Row key = TestRows.row()
                .int32(9)
                .absent()
                .absent()
                .absent()
                .absent()
                .absent()
                .absent()
                .build();
        GenericRecord before =
                (GenericRecord) value(schema, Op.DELETE, key, null, streamed(schema, Op.DELETE, key, null))
                        .get("before");
        assertThat(before.get("id")).isEqualTo(9);
        assertThat(before.get("s")).hasToString("");
        assertThat(before.get("t")).hasToString("1970-01-01T00:00:00Z");
        assertThat(before.get("d")).isEqualTo(ByteBuffer.wrap(new byte[1]));
        assertThat(show(before.get("v"))).isEqualTo("0:00");
        assertThat((List<?>) before.get("a")).isEmpty();
        assertThat(before.get("n")).isNull();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_kind_reads_back_required_optional_and_as_default(FieldCase field) throws Exception {
        ColumnType type = field.type();
        Column withDefault = new Column("d", type, true, new FieldValue(field.payload()), "x");
        TableSchema schema = table(
                column("r", type, false),
                column("o", type, true),
                column("n", type, true),
                withDefault,
                new Column("e", type, true, new FieldValue(field.payload()), "x"));
        byte[] payload = field.payload();
        Row row = TestRows.row()
                .int32(1)
                .bytes(payload)
                .bytes(payload)
                .isNull()
                .isNull()
                .bytes(payload)
                .build();
        GenericRecord after =
                (GenericRecord) value(schema, Op.CREATE, null, row, streamed(schema, Op.CREATE, null, row))
                        .get("after");
        assertThat(show(after.get("r"))).isEqualTo(field.avro());
        assertThat(show(after.get("o"))).isEqualTo(field.avro());
        assertThat(after.get("n")).isNull();
        assertThat(show(after.get("d"))).isEqualTo(field.avro());
        assertThat(show(after.get("e"))).isEqualTo(field.avro());
    }

    @Test
    void unchanged_fields_become_placeholders_of_their_type() throws Exception {
        TableSchema schema = table(
                column("s", ColumnType.of(Kind.STRING), false),
                column("b", ColumnType.of(Kind.BYTES), true),
                column("a", ColumnType.array(ColumnType.of(Kind.STRING)), true),
                column("f", ColumnType.array(ColumnType.of(Kind.FLOAT64)), true));
        Row row = TestRows.row()
                .int32(1)
                .unchanged()
                .unchanged()
                .unchanged()
                .unchanged()
                .build();
        GenericRecord after =
                (GenericRecord) value(schema, Op.UPDATE, null, row, streamed(schema, Op.UPDATE, null, row))
                        .get("after");
        String placeholder = "__debezium_unavailable_value";
        assertThat(after.get("s")).hasToString(placeholder);
        assertThat(after.get("b")).isEqualTo(ByteBuffer.wrap(placeholder.getBytes(StandardCharsets.UTF_8)));
        assertThat(after.get("a")).hasToString("[" + placeholder + "]");
        assertThat(after.get("f")).isNull();
    }

    private static SourceEvent streamed(TableSchema table, Op op, @Nullable Row before, @Nullable Row after) {
        return Samples.streamed(table, op, before, after);
    }

    private static GenericRecord value(
            TableSchema table, Op op, @Nullable Row before, @Nullable Row after, SourceEvent event) throws IOException {
        byte[] bytes = TableEncoders.avro(CONFIG, table, 1, 2).value(op, before, after, event, NOW);
        Schema schema = new Schema.Parser().parse(AvroSchemas.value(CONFIG, table));
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null);
        GenericRecord record = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
        assertThat(decoder.isEnd()).as("nothing behind the record").isTrue();
        return record;
    }

    private static @Nullable Object show(@Nullable Object value) {
        if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return HexFormat.of().formatHex(copy);
        }
        if (value instanceof GenericRecord decimal) {
            return decimal.get("scale") + ":" + show(decimal.get("value"));
        }
        if (value instanceof Integer number) {
            return number.longValue();
        }
        return value instanceof CharSequence || value instanceof List ? value.toString() : value;
    }
}
