package io.cdcsystem.consumer;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka deserializer of our topics' keys and values, Avro or JSON. Named in {@code key.deserializer} and {@code
 * value.deserializer}, it is configured by the consumer's properties alone: see {@link ChangeDeserializerConfig}.
 *
 * <p>A record that cannot be read throws {@link SerializationException}, whose cause is the {@link CdcException} with its
 * code. The consumer wraps it once more and stays in front of the record: another {@code poll} tries again, which helps when
 * the registry was down.
 *
 * @param <T> what a record is read as: {@code GenericRecord}, or the generated class
 */
public final class ChangeDeserializer<T extends IndexedRecord> implements Deserializer<T> {
    private @Nullable ChangeReader<T> reader;

    /** For Kafka, which configures it. */
    public ChangeDeserializer() {}

    /** One that needs no configuration; what Kafka configures does not count. */
    public ChangeDeserializer(@Nullable SchemaRegistry registry, ReaderSchema<T> readerSchema, RecordPart part) {
        this.reader = new ChangeReader<>(registry, readerSchema, part);
    }

    @Override
    @SuppressWarnings("unchecked") // With properties alone, the caller's type is a promise.
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (reader == null) {
            ChangeDeserializerConfig config = ChangeDeserializerConfig.of(configs, isKey);
            reader = new ChangeReader<>(
                    config.openRegistry(),
                    (ReaderSchema<T>) config.readerSchema(),
                    isKey ? RecordPart.KEY : RecordPart.VALUE);
        }
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] data) {
        if (reader == null) {
            throw new IllegalStateException("the deserializer was not configured");
        }
        try {
            return reader.read(topic, data);
        } catch (CdcException e) {
            throw new SerializationException(e.getMessage(), e);
        }
    }
}
