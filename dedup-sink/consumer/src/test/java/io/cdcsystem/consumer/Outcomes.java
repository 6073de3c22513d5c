package io.cdcsystem.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Compares what a reader makes of a record with what it should. */
final class Outcomes {
    private Outcomes() {}

    static void check(
            ChangeReader<GenericRecord> reader,
            String topic,
            byte[] value,
            String writer,
            String readerName,
            EvolutionCase.Outcome expected) {
        if (expected.misfit() == null) {
            GenericRecord record = Objects.requireNonNull(reader.read(topic, value));
            assertThat(columns(record, "after")).isEqualTo(expected.columns());
        } else {
            assertThatThrownBy(() -> reader.read(topic, value))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.READER_INCOMPATIBLE))
                    .hasMessage("READER_INCOMPATIBLE: records of topic " + topic + " written with " + writer
                            + " cannot be read as " + readerName + ": " + expected.misfit()
                            + "; read them as they were written (ReaderSchema.writer()), or choose a reader schema that"
                            + " gives the field a default or a type that both fit");
        }
    }

    /** The columns of a row but its key, as text. */
    static Map<String, String> columns(GenericRecord envelope, String image) {
        GenericRecord row = (GenericRecord) envelope.get(image);
        Map<String, String> columns = new TreeMap<>();
        for (Schema.Field field : row.getSchema().getFields()) {
            if (!field.name().equals("id")) {
                columns.put(field.name(), shown(row.get(field.pos())));
            }
        }
        return columns;
    }

    private static String shown(@Nullable Object value) {
        if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return Arrays.toString(copy);
        }
        return String.valueOf(value);
    }
}
