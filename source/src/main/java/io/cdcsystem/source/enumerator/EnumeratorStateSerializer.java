package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.event.serde.VocabularyCodec;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import io.cdcsystem.source.split.SplitCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The enumerator's state as bytes. Stateless. */
public final class EnumeratorStateSerializer implements SimpleVersionedSerializer<EnumeratorState> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(EnumeratorState state) throws IOException {
        return SplitCodec.bytes(out -> {
            Capture capture = state.capture();
            out.writeBoolean(capture != null);
            if (capture != null) {
                writeCapture(capture, out);
            }
        });
    }

    @Override
    public EnumeratorState deserialize(int version, byte[] serialized) {
        return SplitCodec.object(
                "enumerator state",
                VERSION,
                version,
                serialized,
                in -> in.readBoolean() ? new EnumeratorState(readCapture(in)) : EnumeratorState.EMPTY);
    }

    private static void writeCapture(Capture capture, DataOutput out) throws IOException {
        SplitCodec.writeEpoch(capture.epoch(), out);
        SplitCodec.writeToken(capture.logStart(), out);
        SplitCodec.writeToken(capture.logEnd(), out);
        out.writeInt(capture.run());
        out.writeInt(capture.generations());
        out.writeInt(capture.tables().size());
        for (TableProgress table : capture.tables()) {
            writeTable(table, out);
        }
        out.writeBoolean(capture.logAssigned());
        LogSplit returned = capture.logReturned();
        out.writeBoolean(returned != null);
        if (returned != null) {
            SplitCodec.writeLog(returned, out);
        }
    }

    private static Capture readCapture(DataInput in) throws IOException {
        SourceEpoch epoch = SplitCodec.readEpoch(in);
        ResumeToken start = SplitCodec.readToken(in);
        ResumeToken end = SplitCodec.readOptionalToken(in);
        int run = in.readInt();
        int generations = in.readInt();
        int count = in.readInt();
        List<TableProgress> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(readTable(in));
        }
        boolean assigned = in.readBoolean();
        LogSplit returned = in.readBoolean() ? SplitCodec.readLog(false, in) : null;
        return new Capture(epoch, start, end, run, generations, tables, assigned, returned);
    }

    private static void writeTable(TableProgress table, DataOutput out) throws IOException {
        VocabularyCodec.writeTableSchema(table.schema(), out);
        SplitCodec.writeGeneration(table.oldestGeneration(), out);
        out.writeInt(table.planned());
        ChunkRange last = table.last();
        out.writeBoolean(last != null);
        if (last != null) {
            SplitCodec.writeRange(last, out);
        }
        out.writeBoolean(table.complete());
        out.writeInt(table.unfinished().size());
        for (PendingChunk chunk : table.unfinished()) {
            out.writeInt(chunk.number());
            SplitCodec.writeRange(chunk.range(), out);
        }
        out.writeLong(table.rows());
    }

    private static TableProgress readTable(DataInput in) throws IOException {
        TableSchema schema = VocabularyCodec.readTableSchema(in);
        Generation oldest = SplitCodec.readGeneration(in);
        int planned = in.readInt();
        ChunkRange last = in.readBoolean() ? SplitCodec.readRange(in) : null;
        boolean complete = in.readBoolean();
        int count = in.readInt();
        List<PendingChunk> unfinished = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            unfinished.add(new PendingChunk(in.readInt(), SplitCodec.readRange(in)));
        }
        return new TableProgress(schema, oldest, planned, last, complete, unfinished, in.readLong());
    }
}
