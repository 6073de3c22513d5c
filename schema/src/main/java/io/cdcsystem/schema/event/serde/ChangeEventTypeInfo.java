package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.ChangeEvent;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Tells Flink how {@link ChangeEvent}s are serialized, so that they never fall to Kryo. */
public final class ChangeEventTypeInfo extends OpaqueTypeInfo<ChangeEvent> {
    private static final long serialVersionUID = 1L;

    /** The one of its kind; all are equal. */
    public ChangeEventTypeInfo() {
        super(ChangeEvent.class, false);
    }

    @Override
    public TypeSerializer<ChangeEvent> createSerializer(SerializerConfig config) {
        return new ChangeEventSerializer();
    }
}
