package io.cdcsystem.consumer;

import static io.cdcsystem.consumer.EvolvingTable.column;
import static io.cdcsystem.consumer.EvolvingTable.int32;
import static io.cdcsystem.consumer.EvolvingTable.int64;
import static io.cdcsystem.consumer.EvolvingTable.row;
import static io.cdcsystem.consumer.EvolvingTable.text;
import static io.cdcsystem.consumer.EvolvingTable.version;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JSON records of a changing table, with and without the schema that they were written with. */
@Tag("E6")
class JsonEvolutionTest {
    private final EvolvingTable table = new EvolvingTable("json", null);
    private final String topic = table.topic();

    @TempDir
    Path work;

    static List<EvolutionCase> changes() {
        return EvolutionCase.all();
    }

    @ParameterizedTest
    @MethodSource("changes")
    @Tag("E5")
    void records_with_their_schema_resolve_like_avro(EvolutionCase change) {
        byte[] old = table.createdJson(change.first(), change.firstRow(), true);
        byte[] young = table.createdJson(change.second(), change.secondRow(), true);
        String writer = "the schema in the record";
        String fixed = "the fixed schema json.public.orders.Envelope";

        ChangeReader<GenericRecord> newer = reader(ReaderSchema.fixed(table.valueSchema(change.second())));
        Outcomes.check(newer, topic, old, writer, fixed, change.newerReadsOld());
        ChangeReader<GenericRecord> older = reader(ReaderSchema.fixed(table.valueSchema(change.first())));
        Outcomes.check(older, topic, young, writer, fixed, change.olderReadsNew());
        ChangeReader<GenericRecord> following = reader(ReaderSchema.writer());
        assertThat(value(following, old).getSchema()).isEqualTo(table.valueSchema(change.first()));
        assertThat(value(following, young).getSchema()).isEqualTo(table.valueSchema(change.second()));
        assertThat(value(following, young)).isEqualTo(value(newer, young));
    }

    @Test
    void without_a_schema_missing_fields_take_their_default_and_others_are_dropped() {
        TableSchema first =
                version(column("old", ColumnType.of(Kind.STRING), true), column("n", ColumnType.of(Kind.INT32), true));
        TableSchema second = version(
                column("n", ColumnType.of(Kind.INT64), true),
                column("d", ColumnType.of(Kind.INT32), false, int32(5)),
                column("o", ColumnType.of(Kind.STRING), true));
        ChangeReader<GenericRecord> reader = reader(ReaderSchema.fixed(table.valueSchema(second)));

        GenericRecord created = value(reader, table.createdJson(first, row(1, text("x"), int32(7)), false));
        assertThat(Outcomes.columns(created, "after")).isEqualTo(Map.of("n", "7", "d", "5", "o", "null"));
        assertThat(((GenericRecord) created.get("source")).get("lsn")).isEqualTo(7L);
        GenericRecord deleted =
                value(reader, table.deletedJson(second, row(1, int64(1L << 40), int32(6), null), false));
        assertThat(deleted.get("op")).hasToString("d");
        assertThat(Outcomes.columns(deleted, "before")).isEqualTo(Map.of("n", "1099511627776", "d", "6", "o", "null"));
        assertThat(reader.read(topic, null)).isNull();
    }

    @Test
    void without_a_schema_what_does_not_fit_is_named_and_never_shown() {
        TableSchema text = version(column("c", ColumnType.of(Kind.STRING), false));
        TableSchema number = version(column("c", ColumnType.of(Kind.INT32), false));
        ChangeReader<GenericRecord> reader = reader(ReaderSchema.fixed(table.valueSchema(number)));

        misfit(
                reader,
                table.createdJson(text, row(1, text("secret")), false),
                "field after.c is a text and is read as int");
        misfit(
                reader,
                table.createdJson(version(), row(1), false),
                "field after.c was not written and has no default in the reader's schema");
        TableSchema wide = version(column("c", ColumnType.of(Kind.INT64), true));
        misfit(
                reader,
                table.createdJson(wide, row(1, int64(1L << 40)), false),
                "field after.c is an integer and is read as int");
        misfit(
                reader,
                table.createdJson(wide, row(1, new byte[][] {null}), false),
                "field after.c is null and is read as int");
        misfit(reader, "{\"op\":\"c\"}".getBytes(StandardCharsets.UTF_8), "field source was not written");
    }

    @Test
    void without_a_schema_there_is_none_to_follow() {
        byte[] bare = table.createdJson(version(), row(1), false);
        assertThatThrownBy(() -> reader(ReaderSchema.writer()).read(topic, bare))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.READER_INCOMPATIBLE))
                .hasMessageContaining("topic " + topic)
                .hasMessageContaining("format.schemas-enable: true");
    }

    @Test
    void a_generated_class_reads_both_forms() throws Exception {
        TableSchema first = version(column("qty", ColumnType.of(Kind.INT32), false));
        TableSchema second = version(
                column("qty", ColumnType.of(Kind.INT64), false),
                column("state", ColumnType.of(Kind.STRING), false, text("new")));
        Class<? extends SpecificRecordBase> type = GeneratedClasses.of(table.valueSchema(second), work);
        ChangeReader<? extends SpecificRecordBase> reader =
                new ChangeReader<>(null, ReaderSchema.generated(type), RecordPart.VALUE);
        for (boolean schemas : List.of(true, false)) {
            SpecificRecordBase read =
                    requireNonNull(reader.read(topic, table.createdJson(first, row(1, int32(7)), schemas)));
            SpecificRecordBase after = (SpecificRecordBase) read.get("after");
            assertThat(after.get("qty")).isEqualTo(7L);
            assertThat(after.get("state")).hasToString("new");
        }
    }

    @Test
    void a_schema_of_another_prefix_reads_the_same_table() throws Exception {
        TableSchema first = version(column("qty", ColumnType.of(Kind.INT32), false));
        TableSchema second = version(
                column("state", ColumnType.of(Kind.STRING), false, text("new")),
                column("qty", ColumnType.of(Kind.INT64), false));
        Schema elsewhere = new EvolvingTable("staging", null).valueSchema(second);
        byte[] written = table.createdJson(first, row(1, int32(7)), true);

        GenericRecord read = value(reader(ReaderSchema.fixed(elsewhere)), written);
        assertThat(Outcomes.columns(read, "after")).isEqualTo(Map.of("qty", "7", "state", "new"));
        assertThat(((GenericRecord) read.get("after")).getSchema().getNamespace())
                .startsWith("staging.");
    }

    @Test
    void keys_are_read_with_and_without_their_schema() {
        TableSchema schema = version(column("c", ColumnType.of(Kind.STRING), true));
        Schema pinned = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"Key\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"}]}");
        ChangeReader<GenericRecord> following = new ChangeReader<>(null, ReaderSchema.writer(), RecordPart.KEY);
        ChangeReader<GenericRecord> fixed = new ChangeReader<>(null, ReaderSchema.fixed(pinned), RecordPart.KEY);

        assertThat(value(following, table.keyJson(schema, row(9, text("x")), true))
                        .get("id"))
                .isEqualTo(9);
        assertThat(value(fixed, table.keyJson(schema, row(9, text("x")), true)).get("id"))
                .isEqualTo(9L);
        assertThat(value(fixed, table.keyJson(schema, row(9, text("x")), false)).get("id"))
                .isEqualTo(9L);
    }

    @Test
    void a_column_whose_name_avro_does_not_allow_is_found_by_its_adjusted_name() {
        TableSchema odd = version(column("unit price", ColumnType.of(Kind.INT32), false));
        for (boolean schemas : List.of(true, false)) {
            GenericRecord record = value(
                    reader(ReaderSchema.fixed(table.valueSchema(odd))),
                    table.createdJson(odd, row(1, int32(3)), schemas));
            assertThat(Outcomes.columns(record, "after")).isEqualTo(Map.of("unit_price", "3"));
        }
    }

    @Test
    void what_only_begins_like_json_is_told() {
        assertThatThrownBy(() -> reader(ReaderSchema.writer()).read(topic, "{\"op\":".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION))
                .hasMessageContaining("not the JSON it begins like");
    }

    private void misfit(ChangeReader<GenericRecord> reader, byte[] value, String why) {
        assertThatThrownBy(() -> reader.read(topic, value))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.READER_INCOMPATIBLE))
                .hasMessageContaining("topic " + topic)
                .hasMessageContaining("the fixed schema json.public.orders.Envelope")
                .hasMessageContaining(why)
                .hasMessageNotContaining("secret");
    }

    private static ChangeReader<GenericRecord> reader(ReaderSchema<GenericRecord> schema) {
        return new ChangeReader<>(null, schema, RecordPart.VALUE);
    }

    private GenericRecord value(ChangeReader<GenericRecord> reader, byte[] bytes) {
        return requireNonNull(reader.read(topic, bytes));
    }
}
