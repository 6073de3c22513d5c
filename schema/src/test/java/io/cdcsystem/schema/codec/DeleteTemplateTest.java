package io.cdcsystem.schema.codec;

import static io.cdcsystem.schema.codec.Samples.CONFIG;
import static io.cdcsystem.schema.codec.Samples.NOW;
import static io.cdcsystem.schema.codec.Samples.column;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.schema.template.DeleteTemplate;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deletes made of a key's bytes are, byte by byte, those that a row with that key would have been encoded to. */
@Tag("S8")
class DeleteTemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEY_ID = 7;
    private static final int VALUE_ID = 9;
    private static final TableId ID = new TableId("db", "public", "t");

    static List<FieldCase> cases() {
        return FieldCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_key_of_every_kind_is_put_where_the_row_would_have_it(FieldCase field) throws Exception {
        TableSchema table = new TableSchema(
                ID,
                List.of(
                        column("first", ColumnType.of(Kind.STRING), false),
                        // Nullable in the catalog's words, but never so in a key.
                        column("k", field.type(), true),
                        column("last", ColumnType.of(Kind.TIMESTAMP_TZ, 6), false)),
                List.of("k"));
        check(table, row -> row.absent().bytes(field.payload()).absent());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void keys_of_several_columns_in_another_order_than_the_tables(FieldCase field) throws Exception {
        TableSchema table = new TableSchema(
                ID,
                List.of(
                        column("a", ColumnType.of(Kind.STRING), false),
                        column("b", ColumnType.of(Kind.INT16), true),
                        column("c \"quoted\"", field.type(), false),
                        column("d", ColumnType.of(Kind.INT64), false)),
                List.of("c \"quoted\"", "d", "a"));
        check(
                table,
                row -> row.string("x,}\"\\").absent().bytes(field.payload()).int64(-5));
    }

    @Test
    void deletes_are_marked_as_what_a_later_snapshot_says() throws Exception {
        JsonNode source = JSON.readTree(requireNonNull(template(CONFIG, Samples.CUSTOMERS)
                        .fill(requireNonNull(
                                TableEncoders.json(CONFIG, Samples.CUSTOMERS).key(Samples.ANN)))))
                .path("source");
        assertThat(source.path("snapshot").textValue()).isEqualTo("incremental");
        assertThat(source.path("sequence").textValue()).isEqualTo("[null,\"24023000\"]");
    }

    @Test
    void a_key_of_another_version_of_the_table_is_refused() {
        TableSchema other =
                new TableSchema(Samples.CUSTOMERS.id(), Samples.CUSTOMERS.columns(), List.of("id", "email"));
        byte[] otherJson = requireNonNull(TableEncoders.json(CONFIG, other).key(Samples.ANN));
        assertThat(template(CONFIG, Samples.CUSTOMERS).fill(otherJson)).isNull();

        DeleteTemplate avro = TableEncoders.avro(CONFIG, Samples.CUSTOMERS, KEY_ID, VALUE_ID)
                .deletes(completed(Samples.CUSTOMERS), NOW);
        assertThat(avro.fill(requireNonNull(
                        TableEncoders.avro(CONFIG, Samples.CUSTOMERS, 8, 9).key(Samples.ANN))))
                .isNull();
        assertThat(avro.fill(requireNonNull(
                        TableEncoders.avro(CONFIG, other, KEY_ID, 9).key(Samples.ANN))))
                .isNull();
    }

    @Test
    void bytes_that_are_no_key_are_refused_and_never_read_beyond() {
        Random random = new Random(5);
        for (FieldCase field : FieldCase.all()) {
            TableSchema table = new TableSchema(ID, List.of(column("k", field.type(), false)), List.of("k"));
            Row row = TestRows.row().bytes(field.payload()).build();
            for (TableEncoder encoder :
                    List.of(TableEncoders.json(CONFIG, table), TableEncoders.avro(CONFIG, table, KEY_ID, VALUE_ID))) {
                DeleteTemplate template = encoder.deletes(completed(table), NOW);
                byte[] key = requireNonNull(encoder.key(row));
                for (int length = 0; length < key.length; length++) {
                    assertThat(template.fill(Arrays.copyOf(key, length))).isNull();
                }
                for (int i = 0; i < 50; i++) {
                    byte[] damaged = key.clone();
                    damaged[random.nextInt(key.length)] = (byte) random.nextInt();
                    byte[] filled = template.fill(damaged);
                    assertThat(filled == null || filled.length > 50).isTrue();
                }
            }
        }
    }

    private interface Keyed {
        TestRows fields(TestRows row);
    }

    private static void check(TableSchema table, Keyed keyed) throws Exception {
        Row row = keyed.fields(TestRows.row()).build();
        for (boolean schemas : new boolean[] {false, true}) {
            EnvelopeConfig config = CONFIG.withSchemasEnable(schemas);
            TableEncoder json = TableEncoders.json(config, table);
            byte[] key = requireNonNull(json.key(row));
            byte[] deleted = requireNonNull(template(config, table).fill(key));
            assertThat(new String(deleted, StandardCharsets.UTF_8))
                    .isEqualTo(new String(
                            json.value(Op.DELETE, row, null, completed(table), NOW), StandardCharsets.UTF_8));
            JsonNode keyFields = schemas ? JSON.readTree(key).path("payload") : JSON.readTree(key);
            JsonNode value = schemas ? JSON.readTree(deleted).path("payload") : JSON.readTree(deleted);
            assertThat(value.path("op").textValue()).isEqualTo("d");
            for (String name : table.primaryKey()) {
                assertThat(value.path("before").path(name)).isEqualTo(keyFields.path(name));
            }
        }
        TableEncoder avro = TableEncoders.avro(CONFIG, table, KEY_ID, VALUE_ID);
        byte[] key = requireNonNull(avro.key(row));
        byte[] deleted = requireNonNull(avro.deletes(completed(table), NOW).fill(key));
        assertThat(deleted).isEqualTo(avro.value(Op.DELETE, row, null, completed(table), NOW));
        GenericRecord value = read(AvroSchemas.value(CONFIG, table), deleted);
        GenericRecord keyFields = read(AvroSchemas.key(CONFIG, table), key);
        assertThat(value.get("op").toString()).isEqualTo("d");
        assertThat(value.get("after")).isNull();
        GenericRecord before = (GenericRecord) value.get("before");
        for (Schema.Field field : keyFields.getSchema().getFields()) {
            assertThat(before.get(field.name())).isEqualTo(keyFields.get(field.name()));
        }
    }

    private static GenericRecord read(String schema, byte[] framed) throws Exception {
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(framed, 5, framed.length - 5, null);
        GenericRecord record =
                new GenericDatumReader<GenericRecord>(new Schema.Parser().parse(schema)).read(null, decoder);
        assertThat(decoder.isEnd()).isTrue();
        return record;
    }

    private static DeleteTemplate template(EnvelopeConfig config, TableSchema table) {
        return TableEncoders.json(config, table).deletes(completed(table), NOW);
    }

    private static SnapshotCompleted completed(TableSchema table) {
        Generation generation = new Generation(2, 3, new Position(1, 24_023_200, 3), new Visibility(1, 2, new long[0]));
        return new SnapshotCompleted(
                table,
                new Position(1, 24_023_300, 0),
                new TransactionInfo(0, 0, 24_023_100, 1_754_299_990_000_111L),
                24_023_000,
                generation);
    }
}
