package io.cdcsystem.sink;

import io.cdcsystem.schema.event.serde.ChangeEventTypeInfo;
import io.cdcsystem.schema.event.serde.OpaqueTypeInfo;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** The type of the stream between deduplication and sink. */
public final class SinkRecordTypeInfo extends OpaqueTypeInfo<SinkRecord> {
    private static final long serialVersionUID = 1L;

    /** The one of its kind; all are equal. */
    public SinkRecordTypeInfo() {
        super(SinkRecord.class, false);
    }

    @Override
    public TypeSerializer<SinkRecord> createSerializer(SerializerConfig config) {
        return new SinkRecordSerializer(new ChangeEventTypeInfo().createSerializer(config));
    }
}
