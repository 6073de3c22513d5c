package io.cdcsystem.schema.envelope;

import static io.cdcsystem.schema.codec.Samples.CONFIG;
import static io.cdcsystem.schema.codec.Samples.CUSTOMERS;
import static io.cdcsystem.schema.codec.Samples.column;
import static io.cdcsystem.schema.codec.Samples.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class EnvelopeSchemasTest {
    @Test
    void avro_value_schema_is_the_documented_text() throws IOException {
        assertThat(AvroSchemas.value(CONFIG, CUSTOMERS)).isEqualTo(golden("customers-value.avsc"));
        assertThat(AvroSchemas.key(CONFIG, CUSTOMERS))
                .isEqualTo(
                        "{\"type\":\"record\",\"name\":\"Key\",\"namespace\":\"server1.public.customers\",\"fields\":["
                                + "{\"name\":\"id\",\"type\":{\"type\":\"int\",\"connect.default\":0},\"default\":0}],"
                                + "\"connect.name\":\"server1.public.customers.Key\"}");
    }

    @Test
    void avro_text_is_what_avro_itself_would_print() {
        assertThat(new Schema.Parser()
                        .parse(AvroSchemas.value(CONFIG, CUSTOMERS))
                        .toString())
                .isEqualTo(AvroSchemas.value(CONFIG, CUSTOMERS));
    }

    @Test
    void connect_value_schema_is_the_documented_text() throws IOException {
        assertThat(ConnectSchemas.value(CONFIG, CUSTOMERS)).isEqualTo(golden("customers-value-connect.json"));
    }

    @Test
    void avro_types_carry_their_annotations_in_order() {
        assertAvro(ColumnType.of(Kind.INT16), "{\"type\":\"int\",\"connect.type\":\"int16\"}");
        assertAvro(
                ColumnType.decimal(10, 2),
                "{\"type\":\"bytes\",\"scale\":2,\"precision\":10,\"connect.version\":1,\"connect.parameters\":"
                        + "{\"scale\":\"2\",\"connect.decimal.precision\":\"10\"},"
                        + "\"connect.name\":\"org.apache.kafka.connect.data.Decimal\",\"logicalType\":\"decimal\"}");
        assertAvro(
                ColumnType.decimal(0, 2),
                "{\"type\":\"bytes\",\"scale\":2,\"precision\":64,\"connect.version\":1,\"connect.parameters\":"
                        + "{\"scale\":\"2\"},"
                        + "\"connect.name\":\"org.apache.kafka.connect.data.Decimal\",\"logicalType\":\"decimal\"}");
        assertAvro(
                ColumnType.of(Kind.TIMESTAMP, 6),
                "{\"type\":\"long\",\"connect.version\":1,\"connect.name\":\"io.debezium.time.MicroTimestamp\"}");
        assertAvro(
                ColumnType.enumeration(List.of("a", "b")),
                "{\"type\":\"string\",\"connect.version\":1,\"connect.parameters\":{\"allowed\":\"a,b\"},"
                        + "\"connect.name\":\"io.debezium.data.Enum\"}");
        assertAvro(
                ColumnType.of(Kind.BITS, 0),
                "{\"type\":\"bytes\",\"connect.version\":1,\"connect.parameters\":{\"length\":\"2147483647\"},"
                        + "\"connect.name\":\"io.debezium.data.Bits\"}");
        assertAvro(ColumnType.of(Kind.BITS, 1), "\"boolean\"");
        assertAvro(
                ColumnType.array(ColumnType.of(Kind.UUID)),
                "{\"type\":\"array\",\"items\":[\"null\",{\"type\":\"string\",\"connect.version\":1,"
                        + "\"connect.name\":\"io.debezium.data.Uuid\"}]}");
        assertAvro(
                ColumnType.of(Kind.VARIABLE_DECIMAL),
                "{\"type\":\"record\",\"name\":\"VariableScaleDecimal\",\"namespace\":\"io.debezium.data\",\"fields\":["
                        + "{\"name\":\"scale\",\"type\":\"int\"},{\"name\":\"value\",\"type\":\"bytes\"}],"
                        + "\"connect.doc\":\"Variable scaled decimal\",\"connect.version\":1,"
                        + "\"connect.name\":\"io.debezium.data.VariableScaleDecimal\"}");
    }

    @Test
    void a_struct_is_defined_once_and_then_named() {
        ColumnType numeric = ColumnType.of(Kind.VARIABLE_DECIMAL);
        String schema = AvroSchemas.value(CONFIG, table(column("a", numeric, true), column("b", numeric, false)));
        assertThat(schema).contains("{\"name\":\"b\",\"type\":\"io.debezium.data.VariableScaleDecimal\"}");
        assertThat(new Schema.Parser().parse(schema).toString()).isEqualTo(schema);
    }

    @Test
    void an_optional_column_with_default_has_null_last() {
        Column column = new Column("c", ColumnType.of(Kind.BOOLEAN), true, new FieldValue(new byte[] {1}), "bool");
        assertThat(AvroSchemas.value(CONFIG, table(column)))
                .contains("{\"name\":\"c\",\"type\":[{\"type\":\"boolean\",\"connect.default\":true},\"null\"],"
                        + "\"default\":true}");
        assertThat(ConnectSchemas.value(CONFIG, table(column)))
                .contains("{\"type\":\"boolean\",\"optional\":true,\"default\":true,\"field\":\"c\"}");
    }

    @Test
    void defaults_of_bytes_are_base64_in_connect_and_latin1_in_avro() {
        FieldValue value = new FieldValue(TestRows.payload(r -> r.decimal(2, (byte) 0xFE, (byte) 0x1D)));
        TableSchema table = table(new Column("c", ColumnType.decimal(9, 2), false, value, "numeric"));
        assertThat(ConnectSchemas.value(CONFIG, table)).contains("\"default\":\"/h0=\",\"field\":\"c\"");
        Schema avro = new Schema.Parser().parse(AvroSchemas.value(CONFIG, table));
        Schema row = avro.getField("before").schema().getTypes().get(1);
        assertThat((byte[]) row.getField("c").defaultVal()).containsExactly(0xFE, 0x1D);
    }

    @Test
    void a_default_without_a_form_is_left_out() {
        FieldValue nan = new FieldValue(TestRows.payload(r -> r.decimal(ColumnType.DECIMAL_NAN)));
        TableSchema table = table(new Column("c", ColumnType.decimal(9, 2), true, nan, "numeric"));
        assertThat(ConnectSchemas.value(CONFIG, table)).doesNotContain("\"default\":\"\"");
        assertThat(AvroSchemas.value(CONFIG, table)).contains("\"logicalType\":\"decimal\"}],\"default\":null}");
    }

    @Test
    void names_that_avro_forbids_are_adjusted() {
        TableSchema table = new TableSchema(
                new TableId("db", "pub-lic", "1 \"t\""),
                List.of(column("a b", ColumnType.of(Kind.INT32), false), column("2c", ColumnType.of(Kind.INT32), true)),
                List.of("a b"));
        Schema schema = new Schema.Parser().parse(AvroSchemas.value(CONFIG, table));
        assertThat(schema.getFullName()).isEqualTo("server1.pub_lic._1__t_.Envelope");
        assertThat(schema.getField("after").schema().getTypes().get(1).getFields())
                .extracting(Schema.Field::name)
                .containsExactly("a_b", "_2c");
        assertThat(ConnectSchemas.key(CONFIG, table))
                .contains("server1.pub-lic.1__t_.Key")
                .contains("\"field\":\"a b\"");
    }

    @Test
    void columns_that_collide_in_avro_are_refused() {
        ColumnType type = ColumnType.of(Kind.INT32);
        TableSchema table = table(column("a-b", type, true), column("a_b", type, true));
        assertThatThrownBy(() -> AvroSchemas.value(CONFIG, table))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("a-b and a_b of public.t");
    }

    @Test
    void connect_schemas_are_json_for_every_kind() throws Exception {
        for (Kind kind : Kind.values()) {
            ColumnType type = kind == Kind.ARRAY ? ColumnType.array(ColumnType.of(Kind.INT16)) : ColumnType.of(kind);
            String text = ConnectSchemas.value(CONFIG, table(column("c", type, true)));
            assertThat(new ObjectMapper()
                            .readTree(text)
                            .at("/fields/0/fields/1/field")
                            .textValue())
                    .isEqualTo("c");
        }
    }

    @Test
    void topics_replace_what_kafka_forbids_and_end_at_its_limit() {
        assertThat(TopicNames.forTable("server1", new TableId("db", "Quoted_\" . Schema", "Quoted_\" . Täble")))
                .isEqualTo("server1.Quoted___._Schema.Quoted___._T_ble");
        assertThat(TopicNames.forTable("m", new TableId("db", "", "t"))).isEqualTo("m.db.t");
        assertThat(TopicNames.forTable("p", new TableId("db", "s", "x".repeat(300))))
                .hasSize(249);
    }

    @Test
    void an_unknown_connector_is_refused() {
        assertThatThrownBy(() -> EnvelopeConfig.of("p", "oracle")).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertAvro(ColumnType type, String expected) {
        String schema = AvroSchemas.value(CONFIG, table(column("c", type, false)));
        assertThat(schema).contains("{\"name\":\"c\",\"type\":" + expected + "}");
        new Schema.Parser().parse(schema);
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = EnvelopeSchemasTest.class.getResourceAsStream("/golden/" + name)) {
            // The files are wrapped for people; no string in them holds a line break or leading blanks.
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).replaceAll("\n *", "");
        }
    }
}
