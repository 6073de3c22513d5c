package io.cdcsystem.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.event.Op;
import java.io.IOException;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class SinkRecordSerializerTest {
    private static TypeSerializer<SinkRecord> serializer() {
        return new SinkRecordTypeInfo().createSerializer(new SerializerConfigImpl());
    }

    @Test
    void event_and_tombstone_come_back_as_they_were() throws IOException {
        for (boolean tombstone : new boolean[] {false, true}) {
            SinkRecord original = new SinkRecord(Records.change("t", "k", Op.DELETE, 110, 3), tombstone);
            DataOutputSerializer out = new DataOutputSerializer(64);
            serializer().serialize(original, out);
            DataOutputSerializer copied = new DataOutputSerializer(64);
            serializer().copy(new DataInputDeserializer(out.getCopyOfBuffer()), copied);
            assertThat(copied.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
            SinkRecord read = serializer().deserialize(new DataInputDeserializer(copied.getCopyOfBuffer()));
            assertThat(read.tombstone()).isEqualTo(tombstone);
            assertThat(read.event().topic()).isEqualTo("t");
            assertThat(read.event().key()).isEqualTo(original.event().key());
            assertThat(read.event().value()).isEqualTo(original.event().value());
            assertThat(read.event().position()).isEqualTo(original.event().position());
            assertThat(read.event().valueSchemaId()).isEqualTo(3);
        }
    }

    @Test
    void bytes_of_something_else_are_refused() {
        assertThatThrownBy(() -> serializer().deserialize(new DataInputDeserializer(new byte[] {9, 0, 0})))
                .isInstanceOf(IOException.class);
    }

    @Test
    void serializer_finds_itself_again_from_its_snapshot() throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer().snapshotConfiguration());
        TypeSerializerSnapshot<SinkRecord> snapshot = TypeSerializerSnapshot.readVersionedSnapshot(
                new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());
        assertThat(snapshot.restoreSerializer()).isEqualTo(serializer());
        assertThat(serializer()
                        .snapshotConfiguration()
                        .resolveSchemaCompatibility(snapshot)
                        .isCompatibleAsIs())
                .isTrue();
    }
}
