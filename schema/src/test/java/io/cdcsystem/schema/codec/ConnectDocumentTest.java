package io.cdcsystem.schema.codec;

import static io.cdcsystem.schema.codec.Samples.CONFIG;
import static io.cdcsystem.schema.codec.Samples.column;
import static io.cdcsystem.schema.codec.Samples.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.ConnectSchemas;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema that a JSON record carries says all that its Avro schema says. */
@Tag("E6")
class ConnectDocumentTest {
    static List<FieldCase> cases() {
        return FieldCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_kind_comes_back_as_the_avro_schema_of_the_same_table(FieldCase field) throws Exception {
        TableSchema schema = table(
                column("r", field.type(), false),
                column("o", field.type(), true),
                new Column("d", field.type(), true, new FieldValue(field.payload()), "x"),
                new Column("e", field.type(), false, new FieldValue(field.payload()), "x"));

        assertThat(avro(ConnectSchemas.value(CONFIG, schema))).isEqualTo(parse(AvroSchemas.value(CONFIG, schema)));
        assertThat(avro(ConnectSchemas.key(CONFIG, schema))).isEqualTo(parse(AvroSchemas.key(CONFIG, schema)));
    }

    @Test
    void what_is_no_schema_of_ours_is_told() {
        assertThatThrownBy(() -> avro("{\"type\":\"int8\"}"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("'int8'");
        assertThatThrownBy(() -> avro("{\"type\":\"struct\",\"fields\":[{\"type\":\"string\"}]}"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("no 'field'");
    }

    private static Schema avro(String connect) throws Exception {
        return parse(AvroSchemas.ofConnect(new ObjectMapper().readTree(connect)));
    }

    private static Schema parse(String avro) {
        return new Schema.Parser().parse(avro);
    }
}
