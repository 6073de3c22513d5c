package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.SourceEvent;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Tells Flink how {@link SourceEvent}s are serialized, so that they never fall to Kryo. */
public final class SourceEventTypeInfo extends OpaqueTypeInfo<SourceEvent> {
    private static final long serialVersionUID = 1L;

    /** The one of its kind; all are equal. */
    public SourceEventTypeInfo() {
        super(SourceEvent.class, false);
    }

    @Override
    public TypeSerializer<SourceEvent> createSerializer(SerializerConfig config) {
        return new SourceEventSerializer();
    }
}
