package io.cdcsystem.source.split;

import io.cdcsystem.schema.event.serde.VocabularyCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Splits as bytes: a tag, then the split's parts. Stateless. */
public final class CdcSplitSerializer implements SimpleVersionedSerializer<CdcSplit> {
    /**
     * 2 added the condition and the storage of a chunk, and the signals of the log; 3 what of the log was handed over while
     * tables waited.
     */
    private static final int VERSION = 3;

    private static final int SNAPSHOT = 1;
    private static final int LOG = 2;
    private static final int FINISHED = 3;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(CdcSplit split) throws IOException {
        return SplitCodec.bytes(out -> write(split, out));
    }

    @Override
    public CdcSplit deserialize(int version, byte[] serialized) {
        return SplitCodec.object("split", VERSION, version, serialized, in -> read(version, in));
    }

    private static void write(CdcSplit split, DataOutput out) throws IOException {
        if (split instanceof SnapshotSplit snapshot) {
            out.writeByte(SNAPSHOT);
            VocabularyCodec.writeTableSchema(snapshot.table(), out);
            out.writeInt(snapshot.chunk());
            SplitCodec.writeRange(snapshot.range(), out);
            SplitCodec.writeOptionalText(snapshot.condition(), out);
            SplitCodec.writeOptionalText(snapshot.storage(), out);
            VocabularyCodec.writeGeneration(snapshot.generation(), out);
            SplitCodec.writeText(snapshot.snapshotName(), out);
        } else if (split instanceof LogSplit log) {
            out.writeByte(LOG);
            SplitCodec.writeLog(log, out);
        } else if (split instanceof FinishedChunk finished) {
            out.writeByte(FINISHED);
            VocabularyCodec.writeTableId(finished.table(), out);
            out.writeInt(finished.run());
            out.writeInt(finished.chunk());
            out.writeLong(finished.rows());
        }
    }

    private static CdcSplit read(int version, DataInput in) throws IOException {
        int tag = in.readUnsignedByte();
        return switch (tag) {
            case SNAPSHOT ->
                new SnapshotSplit(
                        VocabularyCodec.readTableSchema(in),
                        in.readInt(),
                        SplitCodec.readRange(in),
                        version < 2 ? null : SplitCodec.readOptionalText(in),
                        version < 2 ? null : SplitCodec.readOptionalText(in),
                        VocabularyCodec.readGeneration(in),
                        SplitCodec.readText(in));
            case LOG -> SplitCodec.readLog(version, in);
            case FINISHED ->
                new FinishedChunk(VocabularyCodec.readTableId(in), in.readInt(), in.readInt(), in.readLong());
            default -> throw new IOException("no split has the tag " + tag);
        };
    }
}
