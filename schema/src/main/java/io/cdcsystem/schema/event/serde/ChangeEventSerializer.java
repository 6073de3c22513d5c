package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * A change as it goes over the network to deduplication and into checkpoints of in-flight data.
 *
 * <pre>
 *   event := flags:byte (bits 0-2 op, bits 3-4 key link, bit 5 key present, bit 6 a generation
 *            found the row gone) topic:part
 *            keySchemaId:int32 valueSchemaId:int32 position:16 transactionId:int64 commitMicros:int64
 *            key:bytes? value:bytes generation:part? (READ, bit 6) relatedKey:bytes? (key link)
 *   part, bytes := length:uint payload
 * </pre>
 *
 * <p>Bit 6 is new in version 2; all else is as in version 1.
 *
 * <p>Topics and generations come back as shared instances: a generation of a few hundred transactions in progress stands
 * in every row that it read. Belongs to one thread; {@link #duplicate()} for another.
 */
public final class ChangeEventSerializer extends EventSerializer<ChangeEvent> {
    private static final long serialVersionUID = 1L;
    private static final int LINK_SHIFT = 3;
    private static final int CODE_MASK = 7;
    private static final int LINK_MASK = 3;
    private static final int HAS_KEY = 1 << 5;
    private static final int FOUND_GONE = 1 << 6;
    private static final int KNOWN_FLAGS = FOUND_GONE | HAS_KEY | (LINK_MASK << LINK_SHIFT) | CODE_MASK;

    private transient @Nullable SharedParts<String> topics;
    private transient @Nullable SharedParts<Generation> generations;

    /** With empty caches. */
    public ChangeEventSerializer() {
        super(ChangeEvent.class);
    }

    @Override
    public TypeSerializer<ChangeEvent> duplicate() {
        return new ChangeEventSerializer();
    }

    @Override
    public void serialize(ChangeEvent event, DataOutputView target) throws IOException {
        byte[] key = event.key();
        Generation generation = event.generation();
        target.writeByte(OpCode.of(event.op())
                | (OpCode.of(event.keyLink()) << LINK_SHIFT)
                | (key == null ? 0 : HAS_KEY)
                | (generation == null || event.op() == Op.READ ? 0 : FOUND_GONE));
        topics().write(event.topic(), target);
        target.writeInt(event.keySchemaId());
        target.writeInt(event.valueSchemaId());
        VocabularyCodec.writePosition(event.position(), target);
        target.writeLong(event.transactionId());
        target.writeLong(event.commitMicros());
        if (key != null) {
            Wire.writeBytes(key, target);
        }
        Wire.writeBytes(event.value(), target);
        if (generation != null) {
            generations().write(generation, target);
        }
        byte[] relatedKey = event.relatedKey();
        if (relatedKey != null) {
            Wire.writeBytes(relatedKey, target);
        }
    }

    @Override
    public ChangeEvent deserialize(DataInputView source) throws IOException {
        return deserialize(source.readUnsignedByte(), source);
    }

    /** The rest of an event that begins with {@code flags}. */
    ChangeEvent deserialize(int flags, DataInputView source) throws IOException {
        if ((flags & ~KNOWN_FLAGS) != 0) {
            throw Wire.damaged("an event has unknown flags " + flags);
        }
        Op op = OpCode.op(flags & CODE_MASK);
        ChangeEvent.KeyLink link = OpCode.link((flags >> LINK_SHIFT) & LINK_MASK);
        String topic = topics().read(source);
        int keySchemaId = source.readInt();
        int valueSchemaId = source.readInt();
        Position position = VocabularyCodec.readPosition(source);
        long transactionId = source.readLong();
        long commitMicros = source.readLong();
        byte[] key = (flags & HAS_KEY) == 0 ? null : Wire.readBytes(source, "an event's key");
        byte[] value = Wire.readBytes(source, "an event's value");
        Generation generation =
                op == Op.READ || (flags & FOUND_GONE) != 0 ? generations().read(source) : null;
        byte[] relatedKey = link == ChangeEvent.KeyLink.NONE ? null : Wire.readBytes(source, "an event's related key");
        return new ChangeEvent(
                topic,
                key,
                value,
                keySchemaId,
                valueSchemaId,
                op,
                position,
                transactionId,
                commitMicros,
                generation,
                link,
                relatedKey);
    }

    @Override
    public TypeSerializerSnapshot<ChangeEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    SharedParts<String> topics() {
        SharedParts<String> known = topics;
        if (known == null) {
            known = new SharedParts<>(
                    "a topic",
                    (topic, out) -> out.write(topic.getBytes(StandardCharsets.UTF_8)),
                    in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
            topics = known;
        }
        return known;
    }

    SharedParts<Generation> generations() {
        SharedParts<Generation> known = generations;
        if (known == null) {
            known = new SharedParts<>(
                    "a generation", VocabularyCodec::writeGeneration, VocabularyCodec::readGeneration);
            generations = known;
        }
        return known;
    }

    /** Names the layout's version in checkpoints. */
    public static final class Snapshot extends EventSerializerSnapshot<ChangeEvent> {
        private static final int VERSION = 2;

        /** For Flink, which makes it by reflection. */
        public Snapshot() {
            super("change events", VERSION);
        }

        @Override
        public TypeSerializer<ChangeEvent> restoreSerializer() {
            return new ChangeEventSerializer();
        }
    }
}
