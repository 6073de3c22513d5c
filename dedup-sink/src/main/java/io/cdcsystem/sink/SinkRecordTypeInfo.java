package io.cdcsystem.sink;

import io.cdcsystem.schema.event.serde.ChangeEventTypeInfo;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/** The type of the stream between deduplication and sink. */
public final class SinkRecordTypeInfo extends TypeInformation<SinkRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<SinkRecord> getTypeClass() {
        return SinkRecord.class;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public TypeSerializer<SinkRecord> createSerializer(SerializerConfig config) {
        return new SinkRecordSerializer(new ChangeEventTypeInfo().createSerializer(config));
    }

    @Override
    public String toString() {
        return "SinkRecord";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SinkRecordTypeInfo;
    }

    @Override
    public int hashCode() {
        return SinkRecordTypeInfo.class.hashCode();
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof SinkRecordTypeInfo;
    }
}
