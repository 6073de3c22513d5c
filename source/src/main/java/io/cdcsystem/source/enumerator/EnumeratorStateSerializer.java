package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.event.serde.AdmissionCodec;
import io.cdcsystem.schema.event.serde.VocabularyCodec;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import io.cdcsystem.source.split.SplitCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The enumerator's state as bytes. Stateless. */
public final class EnumeratorStateSerializer implements SimpleVersionedSerializer<EnumeratorState> {
    /** 2 lets a table have further runs, and holds signals and what they changed; 3 holds the admitted table versions; 4 the left names. */
    private static final int VERSION = 4;

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
            out.writeInt(state.versions().size());
            for (AdmittedVersion version : state.versions()) {
                VocabularyCodec.writeTableSchema(version.table(), out);
                AdmissionCodec.write(version.table(), version.admission(), out);
                VocabularyCodec.writePosition(version.position(), out);
            }
            out.writeInt(state.left().size());
            for (Map.Entry<TableId, Position> left : new TreeMap<>(state.left()).entrySet()) {
                VocabularyCodec.writeTableId(left.getKey(), out);
                VocabularyCodec.writePosition(left.getValue(), out);
            }
        });
    }

    @Override
    public EnumeratorState deserialize(int version, byte[] serialized) {
        return SplitCodec.object("enumerator state", VERSION, version, serialized, in -> {
            Capture capture = in.readBoolean() ? readCapture(version, in) : null;
            List<AdmittedVersion> versions = version < 3 ? List.of() : readVersions(in);
            return new EnumeratorState(capture, versions, version < 4 ? Map.of() : readLeft(in));
        });
    }

    private static Map<TableId, Position> readLeft(DataInput in) throws IOException {
        int count = in.readInt();
        Map<TableId, Position> left = new HashMap<>();
        for (int i = 0; i < count; i++) {
            left.put(VocabularyCodec.readTableId(in), VocabularyCodec.readPosition(in));
        }
        return left;
    }

    private static List<AdmittedVersion> readVersions(DataInput in) throws IOException {
        int count = in.readInt();
        List<AdmittedVersion> versions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TableSchema table = VocabularyCodec.readTableSchema(in);
            versions.add(new AdmittedVersion(table, AdmissionCodec.read(table, in), VocabularyCodec.readPosition(in)));
        }
        return versions;
    }

    private static void writeCapture(Capture capture, DataOutput out) throws IOException {
        SplitCodec.writeEpoch(capture.epoch(), out);
        SplitCodec.writeToken(capture.logStart(), out);
        SplitCodec.writeToken(capture.logEnd(), out);
        out.writeInt(capture.runs());
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
        out.writeBoolean(capture.paused());
        writeIds(capture.added(), out);
        writeIds(capture.removed(), out);
        Position applied = capture.signals().logPosition();
        out.writeBoolean(applied != null);
        if (applied != null) {
            VocabularyCodec.writePosition(applied, out);
        }
        out.writeLong(capture.signals().channelOffset());
        List<Signal> unfinished = capture.signals().unfinished();
        out.writeInt(unfinished.size());
        for (Signal signal : unfinished) {
            SplitCodec.writeSignal(signal, out);
        }
    }

    private static Capture readCapture(int version, DataInput in) throws IOException {
        if (version < 2) {
            return FirstStateLayout.read(in);
        }
        SourceEpoch epoch = SplitCodec.readEpoch(in);
        ResumeToken start = SplitCodec.readToken(in);
        ResumeToken end = SplitCodec.readOptionalToken(in);
        int runs = in.readInt();
        int generations = in.readInt();
        int count = in.readInt();
        List<TableProgress> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(readTable(in));
        }
        boolean assigned = in.readBoolean();
        LogSplit returned = in.readBoolean() ? SplitCodec.readLog(version, in) : null;
        boolean paused = in.readBoolean();
        Set<TableId> added = readIds(in);
        Set<TableId> removed = readIds(in);
        Position applied = in.readBoolean() ? VocabularyCodec.readPosition(in) : null;
        long offset = in.readLong();
        int signalCount = in.readInt();
        List<Signal> unfinished = new ArrayList<>();
        for (int i = 0; i < signalCount; i++) {
            unfinished.add(SplitCodec.readSignal(in));
        }
        AppliedSignals signals = new AppliedSignals(applied, offset, unfinished);
        return new Capture(
                epoch, start, end, runs, generations, tables, assigned, returned, paused, added, removed, signals);
    }

    private static void writeTable(TableProgress table, DataOutput out) throws IOException {
        VocabularyCodec.writeTableSchema(table.schema(), out);
        out.writeInt(table.run());
        SplitCodec.writeOptionalText(table.condition(), out);
        out.writeByte(table.stage().code());
        SplitCodec.writeGeneration(table.oldestGeneration(), out);
        SplitCodec.writeGeneration(table.logFloor(), out);
        SplitCodec.writeOptionalText(table.storage(), out);
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
        out.writeLong(table.rowsEstimated());
        out.writeInt(table.orders().size());
        for (SnapshotOrder order : table.orders()) {
            SplitCodec.writeOptionalText(order.condition(), out);
        }
    }

    private static TableProgress readTable(DataInput in) throws IOException {
        TableSchema schema = VocabularyCodec.readTableSchema(in);
        int run = in.readInt();
        String condition = SplitCodec.readOptionalText(in);
        Stage stage = stage(in.readUnsignedByte());
        Generation oldest = SplitCodec.readGeneration(in);
        Generation floor = SplitCodec.readGeneration(in);
        String storage = SplitCodec.readOptionalText(in);
        int planned = in.readInt();
        ChunkRange last = in.readBoolean() ? SplitCodec.readRange(in) : null;
        boolean complete = in.readBoolean();
        List<PendingChunk> unfinished = readPending(in);
        long rows = in.readLong();
        long estimated = in.readLong();
        int count = in.readInt();
        List<SnapshotOrder> orders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            orders.add(new SnapshotOrder(SplitCodec.readOptionalText(in)));
        }
        return new TableProgress(
                schema,
                run,
                condition,
                stage,
                oldest,
                floor,
                storage,
                planned,
                last,
                complete,
                unfinished,
                rows,
                estimated,
                orders);
    }

    private static Stage stage(int code) throws IOException {
        for (Stage stage : Stage.values()) {
            if (stage.code() == code) {
                return stage;
            }
        }
        throw new IOException("no stage has the code " + code);
    }

    static List<PendingChunk> readPending(DataInput in) throws IOException {
        int count = in.readInt();
        List<PendingChunk> unfinished = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            unfinished.add(new PendingChunk(in.readInt(), SplitCodec.readRange(in)));
        }
        return unfinished;
    }

    private static void writeIds(Set<TableId> ids, DataOutput out) throws IOException {
        out.writeInt(ids.size());
        for (TableId id : ids) {
            VocabularyCodec.writeTableId(id, out);
        }
    }

    private static Set<TableId> readIds(DataInput in) throws IOException {
        int count = in.readInt();
        Set<TableId> ids = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            ids.add(VocabularyCodec.readTableId(in));
        }
        return ids;
    }
}
