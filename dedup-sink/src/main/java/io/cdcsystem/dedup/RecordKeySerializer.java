package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.serde.Varint;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A {@link RecordKey} as bytes: topic as modified UTF-8 behind its 16-bit length, length of the key plus one as LEB128 (0
 * = no key), the key.
 *
 * <p>No version among the bytes: state is looked up by them, so they cannot change; the version is in the snapshot.
 */
public final class RecordKeySerializer extends ValueSerializer<RecordKey> {
    private static final long serialVersionUID = 1L;

    @Override
    public RecordKey createInstance() {
        return new RecordKey("", null);
    }

    @Override
    public void serialize(RecordKey key, DataOutputView out) throws IOException {
        out.writeUTF(key.topic());
        byte[] bytes = key.key();
        if (bytes == null) {
            Varint.write(0, out);
        } else {
            Varint.write(bytes.length + 1L, out);
            out.write(bytes);
        }
    }

    @Override
    public RecordKey deserialize(DataInputView in) throws IOException {
        String topic = in.readUTF();
        long length = Varint.read(in) - 1;
        if (length < 0) {
            return new RecordKey(topic, null);
        }
        byte[] key = new byte[Math.toIntExact(length)];
        in.readFully(key);
        return new RecordKey(topic, key);
    }

    @Override
    public TypeSerializerSnapshot<RecordKey> snapshotConfiguration() {
        return new KeySnapshot();
    }

    /** Stored beside keyed state. */
    public static final class KeySnapshot extends Snapshot<RecordKey> {
        @Override
        public TypeSerializer<RecordKey> restoreSerializer() {
            return new RecordKeySerializer();
        }
    }
}
