package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.template.DeleteTemplate;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What goes over the network to deduplication, and into checkpoints of in-flight data: a change in the layout of {@link
 * ChangeEventSerializer}, or a sweep, which has 5 in the place of the operation.
 *
 * <pre>
 *   sweep := flags:byte (5) topic:part key:bytes keyGroups:uint generation:part
 *            keySchemaId:int32 valueSchemaId:int32 commitMicros:int64 template
 *   part, bytes := length:uint payload
 * </pre>
 *
 * <p>Belongs to one thread; {@link #duplicate()} for another.
 */
public final class KeyedEventSerializer extends EventSerializer<KeyedEvent> {
    private static final long serialVersionUID = 1L;
    private static final int CODE_MASK = 7;

    private final ChangeEventSerializer changes = new ChangeEventSerializer();

    /** With empty caches. */
    public KeyedEventSerializer() {
        super(KeyedEvent.class);
    }

    @Override
    public TypeSerializer<KeyedEvent> duplicate() {
        return new KeyedEventSerializer();
    }

    @Override
    public void serialize(KeyedEvent event, DataOutputView target) throws IOException {
        if (event instanceof ChangeEvent change) {
            changes.serialize(change, target);
            return;
        }
        TableSweep sweep = (TableSweep) event;
        target.writeByte(OpCode.SNAPSHOT_COMPLETED);
        changes.topics().write(sweep.topic(), target);
        Wire.writeBytes(sweep.key(), target);
        Varint.write(sweep.keyGroups(), target);
        changes.generations().write(sweep.generation(), target);
        target.writeInt(sweep.keySchemaId());
        target.writeInt(sweep.valueSchemaId());
        target.writeLong(sweep.commitMicros());
        TemplateCodec.write(sweep.deletes(), target);
    }

    @Override
    public KeyedEvent deserialize(DataInputView source) throws IOException {
        int flags = source.readUnsignedByte();
        if ((flags & CODE_MASK) != OpCode.SNAPSHOT_COMPLETED) {
            return changes.deserialize(flags, source);
        }
        if (flags != OpCode.SNAPSHOT_COMPLETED) {
            throw Wire.damaged("a sweep has unknown flags " + flags);
        }
        String topic = changes.topics().read(source);
        byte[] key = Wire.readBytes(source, "a sweep's key");
        int keyGroups = Wire.readCount(source, "a sweep's number of key groups");
        Generation generation = changes.generations().read(source);
        int keySchemaId = source.readInt();
        int valueSchemaId = source.readInt();
        long commitMicros = source.readLong();
        DeleteTemplate deletes = TemplateCodec.read(source);
        return TemplateCodec.checked(() ->
                new TableSweep(topic, key, keyGroups, generation, deletes, keySchemaId, valueSchemaId, commitMicros));
    }

    @Override
    public TypeSerializerSnapshot<KeyedEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the layout's version in checkpoints. */
    public static final class Snapshot extends EventSerializerSnapshot<KeyedEvent> {
        private static final int VERSION = 1;

        /** For Flink, which makes it by reflection. */
        public Snapshot() {
            super("keyed events", VERSION);
        }

        @Override
        public TypeSerializer<KeyedEvent> restoreSerializer() {
            return new KeyedEventSerializer();
        }
    }
}
