package io.cdcsystem.schema.codec;

import static io.cdcsystem.schema.codec.Samples.ANN;
import static io.cdcsystem.schema.codec.Samples.CONFIG;
import static io.cdcsystem.schema.codec.Samples.CUSTOMERS;
import static io.cdcsystem.schema.codec.Samples.NOW;
import static io.cdcsystem.schema.codec.Samples.column;
import static io.cdcsystem.schema.codec.Samples.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.schema.envelope.ConnectSchemas;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class JsonTableEncoderTest {
    private static final String STREAMED_SOURCE = "{\"version\":\"3.6.1.Final\",\"connector\":\"postgresql\","
            + "\"name\":\"server1\",\"ts_ms\":1754300000123,\"snapshot\":\"false\",\"db\":\"inventory\","
            + "\"sequence\":\"[\\\"24023119\\\",\\\"24023128\\\"]\",\"ts_us\":1754300000123456,"
            + "\"ts_ns\":1754300000123456000,\"schema\":\"public\",\"table\":\"customers\",\"txId\":555,"
            + "\"lsn\":24023128,\"xmin\":null,\"origin\":null,\"origin_lsn\":null}";
    private static final String CLOCK =
            "\"ts_ms\":1754300000250,\"ts_us\":1754300000250111,\"ts_ns\":1754300000250111000}";
    private static final String ANN_JSON =
            "{\"id\":1005,\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"email\":\"ann@x.org\"}";

    private final TableEncoder customers = TableEncoders.json(CONFIG, CUSTOMERS);

    @Test
    void create_is_the_documented_text_byte_for_byte() {
        byte[] value = customers.value(Op.CREATE, null, ANN, Samples.streamed(CUSTOMERS, Op.CREATE, null, ANN), NOW);
        assertThat(text(value))
                .isEqualTo("{\"before\":null,\"after\":" + ANN_JSON + ",\"source\":" + STREAMED_SOURCE
                        + ",\"transaction\":null,\"op\":\"c\"," + CLOCK);
        assertThat(text(customers.key(ANN))).isEqualTo("{\"id\":1005}");
    }

    @Test
    @Tag("L2")
    void update_with_full_identity_has_both_images() {
        byte[] value = customers.value(Op.UPDATE, ANN, ANN, Samples.streamed(CUSTOMERS, Op.UPDATE, ANN, ANN), NOW);
        assertThat(text(value))
                .isEqualTo("{\"before\":" + ANN_JSON + ",\"after\":" + ANN_JSON + ",\"source\":" + STREAMED_SOURCE
                        + ",\"transaction\":null,\"op\":\"u\"," + CLOCK);
    }

    @Test
    @Tag("L2")
    void delete_with_default_identity_fills_not_null_columns() {
        Row key = TestRows.row().int32(1005).absent().absent().absent().build();
        byte[] value = customers.value(Op.DELETE, key, null, Samples.streamed(CUSTOMERS, Op.DELETE, key, null), NOW);
        assertThat(text(value))
                .isEqualTo("{\"before\":{\"id\":1005,\"first_name\":\"\",\"last_name\":\"\",\"email\":\"\"},"
                        + "\"after\":null,\"source\":" + STREAMED_SOURCE + ",\"transaction\":null,\"op\":\"d\","
                        + CLOCK);
    }

    @Test
    @Tag("S4")
    void snapshot_read_has_no_previous_commit_and_a_32_bit_transaction_id() {
        byte[] value = customers.value(Op.READ, null, ANN, Samples.read(CUSTOMERS, ANN), NOW);
        assertThat(text(value))
                .isEqualTo("{\"before\":null,\"after\":" + ANN_JSON
                        + ",\"source\":{\"version\":\"3.6.1.Final\",\"connector\":\"postgresql\",\"name\":\"server1\","
                        + "\"ts_ms\":1754299990000,\"snapshot\":\"true\",\"db\":\"inventory\","
                        + "\"sequence\":\"[null,\\\"24023000\\\"]\",\"ts_us\":1754299990000111,"
                        + "\"ts_ns\":1754299990000111000,\"schema\":\"public\",\"table\":\"customers\",\"txId\":550,"
                        + "\"lsn\":24023000,\"xmin\":null,\"origin\":null,\"origin_lsn\":null},"
                        + "\"transaction\":null,\"op\":\"r\"," + CLOCK);
    }

    @Test
    @Tag("S8")
    void rows_of_later_runs_are_marked_incremental() {
        byte[] value = customers.value(Op.READ, null, ANN, Samples.readAgain(CUSTOMERS, ANN), NOW);
        assertThat(text(value)).contains("\"snapshot\":\"incremental\",\"db\"");
    }

    @Test
    void rows_of_every_kind_and_of_nulls_parse_back_field_by_field() throws Exception {
        List<FieldCase> cases = FieldCase.all();
        Random random = new Random(7);
        Column[] columns = IntStream.range(0, cases.size())
                .mapToObj(i -> column("c\n\"" + i, cases.get(i).type(), true))
                .toArray(Column[]::new);
        TableSchema schema = table(columns);
        for (int round = 0; round < 100; round++) {
            TestRows rows = TestRows.row().int32(round);
            ObjectMapper jackson = new ObjectMapper();
            ObjectNode expected = jackson.createObjectNode().put("id", round);
            for (int i = 0; i < cases.size(); i++) {
                if (random.nextInt(4) == 0) {
                    rows.isNull();
                    expected.putNull("c\n\"" + i);
                } else {
                    rows.bytes(cases.get(i).payload());
                    expected.set("c\n\"" + i, jackson.readTree(cases.get(i).json()));
                }
            }
            assertThat(after(schema, null, rows.build())).isEqualTo(expected);
        }
    }

    @Test
    @Tag("L2")
    void truncate_has_neither_image() {
        byte[] value = customers.value(Op.TRUNCATE, null, null, Samples.truncated(CUSTOMERS), NOW);
        assertThat(text(value))
                .isEqualTo("{\"before\":null,\"after\":null,\"source\":" + STREAMED_SOURCE
                        + ",\"transaction\":null,\"op\":\"t\"," + CLOCK);
    }

    @Test
    void schemas_stand_beside_payloads_when_enabled() throws Exception {
        TableEncoder encoder = TableEncoders.json(CONFIG.withSchemasEnable(true), CUSTOMERS);
        assertThat(text(encoder.key(ANN)))
                .isEqualTo("{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,"
                        + "\"default\":0,\"field\":\"id\"}],\"optional\":false,"
                        + "\"name\":\"server1.public.customers.Key\"},\"payload\":{\"id\":1005}}");
        String value =
                text(encoder.value(Op.CREATE, null, ANN, Samples.streamed(CUSTOMERS, Op.CREATE, null, ANN), NOW));
        String payload =
                text(customers.value(Op.CREATE, null, ANN, Samples.streamed(CUSTOMERS, Op.CREATE, null, ANN), NOW));
        assertThat(value)
                .isEqualTo("{\"schema\":" + ConnectSchemas.value(CONFIG, CUSTOMERS) + ",\"payload\":" + payload + "}");
        assertThat(new ObjectMapper().readTree(value).size()).isEqualTo(2);
    }

    @Test
    @Tag("L4")
    void keys_follow_the_key_definition_not_the_column_order() {
        TableSchema schema = new TableSchema(
                CUSTOMERS.id(),
                List.of(
                        column("a", ColumnType.of(Kind.INT32), false),
                        column("b\"", ColumnType.of(Kind.STRING), false),
                        column("c", ColumnType.decimal(5, 2), false)),
                List.of("c", "b\"", "a"));
        Row row =
                TestRows.row().int32(1).string("x\n\"\\").decimal(2, (byte) 110).build();
        TableEncoder encoder = TableEncoders.json(CONFIG, schema);
        assertThat(text(encoder.key(row))).isEqualTo("{\"c\":\"bg==\",\"b\\\"\":\"x\\n\\\"\\\\\",\"a\":1}");
        assertThat(text(encoder.keyHeader(row))).isEqualTo("{\"c\":1.10,\"b\\\"\":\"x\n\\\"\\\\\",\"a\":1}");
    }

    @Test
    void a_table_without_key_has_null_keys() {
        TableSchema schema =
                new TableSchema(CUSTOMERS.id(), List.of(column("a", ColumnType.of(Kind.INT32), false)), List.of());
        TableEncoder encoder = TableEncoders.json(CONFIG.withSchemasEnable(true), schema);
        assertThat(encoder.key(TestRows.row().int32(1).build())).isNull();
    }

    @Test
    void a_key_that_was_not_logged_is_refused() {
        Row row = TestRows.row().unchanged().string("").string("").string("").build();
        assertThatThrownBy(() -> customers.key(row))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_UNREPRESENTABLE))
                .hasMessageContaining("public.customers.id");
    }

    @Test
    void a_null_is_published_as_the_columns_default() throws Exception {
        Column withDefault =
                new Column("s", ColumnType.of(Kind.STRING), true, new FieldValue(new byte[] {'d'}), "text");
        TableSchema schema = table(withDefault, column("n", ColumnType.of(Kind.STRING), true));
        Row row = TestRows.row().int32(1).isNull().isNull().build();
        assertThat(after(schema, null, row).toString()).isEqualTo("{\"id\":1,\"s\":\"d\",\"n\":null}");
    }

    @Test
    void unchanged_fields_come_from_the_old_row_also_in_the_create_half_of_a_key_change() throws Exception {
        TableSchema schema = table(column("s", ColumnType.of(Kind.STRING), false));
        Row before = TestRows.row().int32(1).string("old").build();
        Row after = TestRows.row().int32(2).unchanged().build();
        TableEncoder encoder = TableEncoders.json(CONFIG, schema);
        byte[] create = encoder.value(Op.CREATE, null, after, Samples.streamed(schema, Op.UPDATE, before, after), NOW);
        assertThat(new ObjectMapper().readTree(create).at("/before").isNull()).isTrue();
        assertThat(new ObjectMapper().readTree(create).at("/after/s").textValue())
                .isEqualTo("old");
    }

    @Test
    void unchanged_fields_that_were_not_logged_become_placeholders() throws Exception {
        TableSchema schema = table(
                column("s", ColumnType.of(Kind.STRING), false),
                column("j", ColumnType.of(Kind.JSON), true),
                column("b", ColumnType.of(Kind.BYTES), true),
                column("sa", ColumnType.array(ColumnType.of(Kind.STRING)), true),
                column("ia", ColumnType.array(ColumnType.of(Kind.INT32)), true),
                column("la", ColumnType.array(ColumnType.of(Kind.INT64)), true),
                column("ua", ColumnType.array(ColumnType.of(Kind.UUID)), true),
                column("fa", ColumnType.array(ColumnType.of(Kind.FLOAT64)), true));
        TestRows rows = TestRows.row().int32(1);
        for (int i = 1; i < schema.columns().size(); i++) {
            rows.unchanged();
        }
        JsonNode after = after(schema, null, rows.build());
        String placeholder = "__debezium_unavailable_value";
        assertThat(after.get("s").textValue()).isEqualTo(placeholder);
        assertThat(after.get("j").textValue()).isEqualTo(placeholder);
        assertThat(after.get("b").binaryValue()).isEqualTo(placeholder.getBytes(StandardCharsets.UTF_8));
        assertThat(after.get("sa").toString()).isEqualTo("[\"" + placeholder + "\"]");
        assertThat(after.get("ia").toString()).startsWith("[95,95,100,").endsWith(",101]");
        assertThat(after.get("la").size()).isEqualTo(placeholder.length());
        assertThat(after.get("ua").toString())
                .isEqualTo("[\"" + UUID.nameUUIDFromBytes(placeholder.getBytes(StandardCharsets.UTF_8)) + "\"]");
        assertThat(after.get("fa").isNull()).isTrue();
    }

    @Test
    void an_unchanged_required_value_without_placeholder_is_refused() {
        TableSchema schema = table(column("n", ColumnType.decimal(10, 2), false));
        Row row = TestRows.row().int32(1).unchanged().build();
        assertThatThrownBy(() -> after(schema, null, row))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("public.t.n")
                .hasMessageContaining("REPLICA IDENTITY FULL");
    }

    @Test
    void decimals_without_a_number_are_refused() {
        for (ColumnType type : List.of(ColumnType.decimal(10, 2), ColumnType.of(Kind.VARIABLE_DECIMAL))) {
            TableSchema schema = table(column("n", type, true));
            assertThatThrownBy(() -> after(schema, null, special(ColumnType.DECIMAL_NAN)))
                    .hasMessageContaining("VALUE_UNREPRESENTABLE")
                    .hasMessageContaining("NaN in public.t.n");
            assertThatThrownBy(() -> after(schema, null, special(ColumnType.DECIMAL_NEGATIVE_INFINITY)))
                    .hasMessageContaining("-Infinity in public.t.n");
        }
    }

    @Test
    void an_encoder_works_on_after_a_refused_row() throws Exception {
        TableSchema schema = table(column("n", ColumnType.decimal(10, 2), true));
        TableEncoder encoder = TableEncoders.json(CONFIG, schema);
        Row nan = special(ColumnType.DECIMAL_NAN);
        assertThatThrownBy(
                        () -> encoder.value(Op.CREATE, null, nan, Samples.streamed(schema, Op.CREATE, null, nan), NOW))
                .isInstanceOf(CdcException.class);
        Row good = TestRows.row().int32(1).isNull().build();
        assertThat(text(encoder.key(good))).isEqualTo("{\"id\":1}");
    }

    private static Row special(int scale) {
        return TestRows.row().int32(1).decimal(scale).build();
    }

    private static JsonNode after(TableSchema schema, @Nullable Row before, Row after) throws Exception {
        byte[] value = TableEncoders.json(CONFIG, schema)
                .value(Op.UPDATE, before, after, Samples.streamed(schema, Op.UPDATE, before, after), NOW);
        return new ObjectMapper().readTree(value).get("after");
    }

    private static String text(byte @Nullable [] json) {
        return new String(Objects.requireNonNull(json), StandardCharsets.UTF_8);
    }
}
