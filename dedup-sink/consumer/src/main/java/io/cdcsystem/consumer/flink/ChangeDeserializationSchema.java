package io.cdcsystem.consumer.flink;

import io.cdcsystem.consumer.ChangeReader;
import io.cdcsystem.consumer.ReaderSchema;
import io.cdcsystem.consumer.RecordPart;
import io.cdcsystem.schema.registry.CachingSchemaRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.SchemaRegistry;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.GenericRecordAvroTypeInfo;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The values of our topics for a Flink job, Avro or JSON, through flink-avro's serializers and never Kryo. Goes into {@code
 * KafkaSource} by {@code setDeserializer}, where a record's own topic counts, or wherever a {@link DeserializationSchema} is
 * asked for, where the topic given counts. Tombstones are left out: the delete stands before them.
 *
 * <p>A stream's type is fixed when a job is built, so one schema serves a job's whole run: the newest version is the newest
 * at that time, and {@link ReaderSchema#writer()} is refused. A job that is built anew and restored takes its state along, as
 * far as Avro resolves the old schema to the new one. Errors are {@link ChangeReader#read}'s, and fail the job.
 *
 * @param <T> what a value is read as
 */
public final class ChangeDeserializationSchema<T extends IndexedRecord>
        implements DeserializationSchema<T>, KafkaRecordDeserializationSchema<T> {
    private static final long serialVersionUID = 1L;

    private final @Nullable RegistryConfig registry;
    private final String topic;
    private final ReaderSchema<T> readerSchema;
    private final TypeInformation<T> type;
    private transient @Nullable ChangeReader<T> reader;

    private ChangeDeserializationSchema(
            @Nullable RegistryConfig registry, String topic, ReaderSchema<T> readerSchema, TypeInformation<T> type) {
        this.registry = registry;
        this.topic = topic;
        this.readerSchema = readerSchema;
        this.type = type;
    }

    /**
     * Values as generic records. The registry is asked at once where the reader schema is one of its versions.
     *
     * @param registry where schemas are; null for JSON
     * @param topic whose subject has the reader schema; other topics of the source have to fit it
     * @throws IllegalArgumentException for {@link ReaderSchema#writer()}
     */
    public static ChangeDeserializationSchema<GenericRecord> generic(
            @Nullable RegistryConfig registry, String topic, ReaderSchema<GenericRecord> readerSchema) {
        Schema schema = new ChangeReader<>(open(registry), readerSchema, RecordPart.VALUE).readerSchema(topic);
        if (schema == null) {
            throw new IllegalArgumentException("a Flink stream has one type, so records cannot each keep their writer's"
                    + " schema; choose ReaderSchema.newest(), or a fixed one");
        }
        return new ChangeDeserializationSchema<>(
                registry, topic, ReaderSchema.fixed(schema), new GenericRecordAvroTypeInfo(schema));
    }

    /**
     * Values as instances of a class that Avro's compiler generated. From Avro 1.12.2 on, flink-avro's serializer wants the
     * packages of the envelope's classes in {@code org.apache.avro.SERIALIZABLE_PACKAGES}.
     */
    public static <S extends SpecificRecordBase> ChangeDeserializationSchema<S> generated(
            @Nullable RegistryConfig registry, String topic, Class<S> type) {
        return new ChangeDeserializationSchema<>(
                registry, topic, ReaderSchema.generated(type), new GeneratedTypeInfo<>(type));
    }

    @Override
    public void open(DeserializationSchema.@Nullable InitializationContext context) {
        reader = new ChangeReader<>(open(registry), readerSchema, RecordPart.VALUE);
    }

    @Override
    public @Nullable T deserialize(byte @Nullable [] message) {
        return opened().read(topic, message);
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<T> out) {
        T value = opened().read(record.topic(), record.value());
        if (value != null) {
            out.collect(value);
        }
    }

    @Override
    public boolean isEndOfStream(T next) {
        return false;
    }

    @Override
    public TypeInformation<T> getProducedType() {
        return type;
    }

    private ChangeReader<T> opened() {
        if (reader == null) {
            throw new IllegalStateException("open() comes first");
        }
        return reader;
    }

    private static @Nullable SchemaRegistry open(@Nullable RegistryConfig config) {
        return config == null ? null : new CachingSchemaRegistry(new HttpSchemaRegistry(config), config.cacheTtl());
    }
}
