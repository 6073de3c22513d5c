package io.cdcsystem.consumer.flink;

import io.cdcsystem.schema.event.serde.OpaqueTypeInfo;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Generated classes through flink-avro's serializer. Its own {@code AvroTypeInfo} wants a POJO all the way down, and refuses the
 * envelope: {@code source.schema} gets the accessor {@code getSchema$}, since every Avro record has a {@code getSchema}.
 */
final class GeneratedTypeInfo<T extends SpecificRecordBase> extends OpaqueTypeInfo<T> {
    private static final long serialVersionUID = 1L;

    GeneratedTypeInfo(Class<T> type) {
        super(type, false);
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
        return new AvroSerializer<>(getTypeClass());
    }
}
