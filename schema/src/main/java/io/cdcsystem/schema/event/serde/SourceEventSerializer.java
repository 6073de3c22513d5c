package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * A source's event, should it ever leave its task: the schema operator is chained to the source, so in practice it does
 * not.
 *
 * <pre>
 *   event := flags:byte (bits 0-2 op or 5, bit 3 before, bit 4 after) table:part position:16
 *            transaction:4*int64 recordOffset:int64 before:bytes? after:bytes? generation:part? (READ, 5)
 *   part, bytes := length:uint payload
 * </pre>
 *
 * <p>5 in the place of the operation is {@link SnapshotCompleted}, new in version 2; all else is as in version 1.
 *
 * <p>The table's schema stands in every event and comes back as one shared instance. Belongs to one thread.
 */
public final class SourceEventSerializer extends EventSerializer<SourceEvent> {
    private static final long serialVersionUID = 1L;
    private static final int CODE_MASK = 7;
    private static final int HAS_BEFORE = 1 << 3;
    private static final int HAS_AFTER = 1 << 4;

    private transient @Nullable SharedParts<TableSchema> tables;
    private transient @Nullable SharedParts<Generation> generations;

    /** With empty caches. */
    public SourceEventSerializer() {
        super(SourceEvent.class);
    }

    @Override
    public TypeSerializer<SourceEvent> duplicate() {
        return new SourceEventSerializer();
    }

    @Override
    public void serialize(SourceEvent event, DataOutputView target) throws IOException {
        if (event instanceof RowChange change) {
            Row before = change.before();
            Row after = change.after();
            target.writeByte(
                    OpCode.of(change.op()) | (before == null ? 0 : HAS_BEFORE) | (after == null ? 0 : HAS_AFTER));
            writeCommon(event, target);
            writeRow(before, target);
            writeRow(after, target);
            Generation generation = change.generation();
            if (generation != null) {
                generations().write(generation, target);
            }
        } else if (event instanceof SnapshotCompleted completed) {
            target.writeByte(OpCode.SNAPSHOT_COMPLETED);
            writeCommon(event, target);
            generations().write(completed.generation(), target);
        } else if (event instanceof VersionAdmitted admitted) {
            target.writeByte(OpCode.VERSION_ADMITTED);
            writeCommon(event, target);
            AdmissionCodec.write(admitted.table(), admitted.admission(), target);
        } else {
            target.writeByte(OpCode.of(Op.TRUNCATE));
            writeCommon(event, target);
        }
    }

    @Override
    public SourceEvent deserialize(DataInputView source) throws IOException {
        int flags = source.readUnsignedByte();
        if ((flags & ~(CODE_MASK | HAS_BEFORE | HAS_AFTER)) != 0) {
            throw Wire.damaged("a source event has unknown flags " + flags);
        }
        int code = flags & CODE_MASK;
        TableSchema table = tables().read(source);
        Position position = VocabularyCodec.readPosition(source);
        TransactionInfo transaction =
                new TransactionInfo(source.readLong(), source.readLong(), source.readLong(), source.readLong());
        long recordOffset = source.readLong();
        if (code == OpCode.SNAPSHOT_COMPLETED) {
            return new SnapshotCompleted(
                    table, position, transaction, recordOffset, generations().read(source));
        }
        if (code == OpCode.VERSION_ADMITTED) {
            return new VersionAdmitted(table, AdmissionCodec.read(table, source), position, transaction, recordOffset);
        }
        Op op = OpCode.op(code);
        if (op == Op.TRUNCATE) {
            return new TableTruncated(table, position, transaction, recordOffset);
        }
        Row before = (flags & HAS_BEFORE) == 0 ? null : readRow(source);
        Row after = (flags & HAS_AFTER) == 0 ? null : readRow(source);
        Generation generation = op == Op.READ ? generations().read(source) : null;
        return new RowChange(table, op, before, after, position, transaction, recordOffset, generation);
    }

    @Override
    public TypeSerializerSnapshot<SourceEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    private void writeCommon(SourceEvent event, DataOutputView target) throws IOException {
        tables().write(event.table(), target);
        VocabularyCodec.writePosition(event.position(), target);
        TransactionInfo transaction = event.transaction();
        target.writeLong(transaction.id());
        target.writeLong(transaction.commit());
        target.writeLong(transaction.previousCommit());
        target.writeLong(transaction.commitMicros());
        target.writeLong(event.recordOffset());
    }

    private static void writeRow(@Nullable Row row, DataOutputView target) throws IOException {
        if (row != null) {
            Wire.writeBytes(row.array(), row.offset(), row.length(), target);
        }
    }

    private static Row readRow(DataInputView source) throws IOException {
        byte[] bytes = Wire.readBytes(source, "a row");
        return new Row(bytes, 0, bytes.length);
    }

    private SharedParts<TableSchema> tables() {
        SharedParts<TableSchema> known = tables;
        if (known == null) {
            known = new SharedParts<>(
                    "a table's schema", VocabularyCodec::writeTableSchema, VocabularyCodec::readTableSchema);
            tables = known;
        }
        return known;
    }

    private SharedParts<Generation> generations() {
        SharedParts<Generation> known = generations;
        if (known == null) {
            known = new SharedParts<>(
                    "a generation", VocabularyCodec::writeGeneration, VocabularyCodec::readGeneration);
            generations = known;
        }
        return known;
    }

    /** Names the layout's version in checkpoints. */
    public static final class Snapshot extends EventSerializerSnapshot<SourceEvent> {
        private static final int VERSION = 3;

        /** For Flink, which makes it by reflection. */
        public Snapshot() {
            super("source events", VERSION);
        }

        @Override
        public TypeSerializer<SourceEvent> restoreSerializer() {
            return new SourceEventSerializer();
        }
    }
}
