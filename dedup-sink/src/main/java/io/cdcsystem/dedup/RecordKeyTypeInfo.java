package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.serde.OpaqueTypeInfo;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Lets streams be keyed by {@link RecordKey} without generic types. */
public final class RecordKeyTypeInfo extends OpaqueTypeInfo<RecordKey> {
    private static final long serialVersionUID = 1L;

    /** The one of its kind; all are equal. */
    public RecordKeyTypeInfo() {
        super(RecordKey.class, true);
    }

    @Override
    public TypeSerializer<RecordKey> createSerializer(SerializerConfig config) {
        return new RecordKeySerializer();
    }
}
