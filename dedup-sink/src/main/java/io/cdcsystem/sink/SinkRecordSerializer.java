package io.cdcsystem.sink;

import io.cdcsystem.schema.event.ChangeEvent;
import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SinkRecord} as bytes: one byte, 1 for an event and 2 for a tombstone, then the event in its own versioned
 * layout. Deduplication and sink are chained, so it is needed only where someone breaks the chain.
 */
public final class SinkRecordSerializer extends TypeSerializer<SinkRecord> {
    private static final long serialVersionUID = 1L;
    private static final int EVENT = 1;
    private static final int TOMBSTONE = 2;

    private final TypeSerializer<ChangeEvent> events;

    /** Over the serializer of events. */
    public SinkRecordSerializer(TypeSerializer<ChangeEvent> events) {
        this.events = Objects.requireNonNull(events, "events");
    }

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public TypeSerializer<SinkRecord> duplicate() {
        return new SinkRecordSerializer(events.duplicate());
    }

    @Override
    public SinkRecord createInstance() {
        return new SinkRecord(events.createInstance(), false);
    }

    @Override
    public SinkRecord copy(SinkRecord from) {
        return from;
    }

    @Override
    public SinkRecord copy(SinkRecord from, SinkRecord reuse) {
        return from;
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        target.writeByte(source.readByte());
        events.copy(source, target);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(SinkRecord sinkRecord, DataOutputView out) throws IOException {
        out.writeByte(sinkRecord.tombstone() ? TOMBSTONE : EVENT);
        events.serialize(sinkRecord.event(), out);
    }

    @Override
    public SinkRecord deserialize(DataInputView in) throws IOException {
        int kind = in.readByte();
        if (kind != EVENT && kind != TOMBSTONE) {
            throw new IOException("a sink record begins with " + kind + ", neither an event nor a tombstone");
        }
        return new SinkRecord(events.deserialize(in), kind == TOMBSTONE);
    }

    @Override
    public SinkRecord deserialize(SinkRecord reuse, DataInputView in) throws IOException {
        return deserialize(in);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SinkRecordSerializer that && events.equals(that.events);
    }

    @Override
    public int hashCode() {
        return events.hashCode() + 1;
    }

    @Override
    public TypeSerializerSnapshot<SinkRecord> snapshotConfiguration() {
        return new RecordSnapshot(this);
    }

    /** Stored where sink records are part of state. */
    public static final class RecordSnapshot extends CompositeTypeSerializerSnapshot<SinkRecord, SinkRecordSerializer> {
        private static final int VERSION = 1;

        /** For reading. */
        public RecordSnapshot() {}

        /** For writing. */
        public RecordSnapshot(SinkRecordSerializer serializer) {
            super(serializer);
        }

        @Override
        protected int getCurrentOuterSnapshotVersion() {
            return VERSION;
        }

        @Override
        protected TypeSerializer<?>[] getNestedSerializers(SinkRecordSerializer outer) {
            return new TypeSerializer<?>[] {outer.events};
        }

        @Override
        @SuppressWarnings("unchecked")
        protected SinkRecordSerializer createOuterSerializerWithNestedSerializers(TypeSerializer<?>[] nested) {
            return new SinkRecordSerializer((TypeSerializer<ChangeEvent>) nested[0]);
        }
    }
}
