package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.KeyedEvent;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Tells Flink how {@link KeyedEvent}s are serialized, so that they never fall to Kryo. */
public final class KeyedEventTypeInfo extends OpaqueTypeInfo<KeyedEvent> {
    private static final long serialVersionUID = 1L;

    /** The one of its kind; all are equal. */
    public KeyedEventTypeInfo() {
        super(KeyedEvent.class, false);
    }

    @Override
    public TypeSerializer<KeyedEvent> createSerializer(SerializerConfig config) {
        return new KeyedEventSerializer();
    }
}
