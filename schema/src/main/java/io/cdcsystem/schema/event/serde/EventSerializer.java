package io.cdcsystem.schema.event.serde;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What the serializers of our immutable events have in common: nothing is ever copied or reused. */
abstract class EventSerializer<T> extends TypeSerializer<T> {
    private static final long serialVersionUID = 1L;

    private final Class<T> type;

    EventSerializer(Class<T> type) {
        this.type = type;
    }

    @Override
    public final boolean isImmutableType() {
        return true;
    }

    @Override
    public final T createInstance() {
        // Flink asks for an instance to reuse; an immutable one has nothing to fill in.
        throw new UnsupportedOperationException("events are immutable: deserialize() makes them");
    }

    @Override
    public final T copy(T from) {
        return from;
    }

    @Override
    public final T copy(T from, T reuse) {
        return from;
    }

    @Override
    public final int getLength() {
        return -1;
    }

    @Override
    public final T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public final void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof EventSerializer<?> that && that.type == type;
    }

    @Override
    public final int hashCode() {
        return type.hashCode();
    }
}
