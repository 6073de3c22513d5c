package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.serde.VocabularyCodec;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** A {@link Generation} in the vocabulary's own versioned layout. */
public final class GenerationSerializer extends ValueSerializer<Generation> {
    private static final long serialVersionUID = 1L;

    @Override
    public Generation createInstance() {
        return new Generation(1, 1, new Position(0, 0, 1), new Visibility(0, 0, new long[0]));
    }

    @Override
    public void serialize(Generation generation, DataOutputView out) throws IOException {
        VocabularyCodec.writeGeneration(generation, out);
    }

    @Override
    public Generation deserialize(DataInputView in) throws IOException {
        return VocabularyCodec.readGeneration(in);
    }

    @Override
    public TypeSerializerSnapshot<Generation> snapshotConfiguration() {
        return new GenerationSnapshot();
    }

    /** Stored beside operator state. */
    public static final class GenerationSnapshot extends Snapshot<Generation> {
        @Override
        public TypeSerializer<Generation> restoreSerializer() {
            return new GenerationSerializer();
        }
    }
}
