package io.cdcsystem.consumer;

import static io.cdcsystem.consumer.EvolvingTable.column;
import static io.cdcsystem.consumer.EvolvingTable.row;
import static io.cdcsystem.consumer.EvolvingTable.text;
import static io.cdcsystem.consumer.EvolvingTable.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E6")
class ChangeDeserializerTest {
    private static final TableSchema FIRST = version(column("c", ColumnType.of(Kind.STRING), false));
    private static final TableSchema SECOND = version();

    private final EvolvingTable table = new EvolvingTable("deserializer", null);

    @Test
    void properties_alone_read_json_without_a_registry() {
        try (ChangeDeserializer<GenericRecord> values = new ChangeDeserializer<>()) {
            values.configure(
                    Map.of("cdc.value.reader.schema", table.valueSchema(FIRST).toString()), false);
            for (boolean schemas : new boolean[] {true, false}) {
                byte[] json = table.createdJson(FIRST, row(1, text("x")), schemas);
                assertThat(Outcomes.columns(values.deserialize(table.topic(), json), "after"))
                        .isEqualTo(Map.of("c", "x"));
            }
            assertThat(values.deserialize(table.topic(), null)).isNull();
        }
    }

    @Test
    void what_cannot_be_read_is_a_serialization_exception_around_the_documented_error() {
        ReaderSchema<GenericRecord> first = ReaderSchema.fixed(table.valueSchema(FIRST));
        try (ChangeDeserializer<GenericRecord> values = new ChangeDeserializer<>(null, first, RecordPart.VALUE)) {
            values.configure(Map.of("cdc.value.reader.schema", "newest"), false);
            byte[] json = table.createdJson(SECOND, row(1), true);
            assertThatThrownBy(() -> values.deserialize(table.topic(), json))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("field before.c was not written")
                    .cause()
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.READER_INCOMPATIBLE));
        }
    }

    @Test
    void one_that_was_never_configured_says_so() {
        try (ChangeDeserializer<GenericRecord> values = new ChangeDeserializer<>()) {
            assertThatThrownBy(() -> values.deserialize("t", new byte[1]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not configured");
        }
    }
}
