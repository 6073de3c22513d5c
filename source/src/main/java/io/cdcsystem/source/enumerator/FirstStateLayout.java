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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The enumerator's state as version 1 wrote it: every table had one run, the same. */
final class FirstStateLayout {
    private FirstStateLayout() {}

    static Capture read(DataInput in) throws IOException {
        SourceEpoch epoch = SplitCodec.readEpoch(in);
        ResumeToken start = SplitCodec.readToken(in);
        ResumeToken end = SplitCodec.readOptionalToken(in);
        int run = in.readInt();
        int generations = in.readInt();
        int count = in.readInt();
        List<TableProgress> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(readTable(run, in));
        }
        boolean assigned = in.readBoolean();
        LogSplit returned = in.readBoolean() ? SplitCodec.readLog(1, in) : null;
        return new Capture(
                epoch,
                start,
                end,
                run,
                generations,
                tables,
                assigned,
                returned,
                false,
                Set.of(),
                Set.of(),
                AppliedSignals.NONE);
    }

    private static TableProgress readTable(int run, DataInput in) throws IOException {
        TableSchema schema = VocabularyCodec.readTableSchema(in);
        Generation oldest = SplitCodec.readGeneration(in);
        int planned = in.readInt();
        ChunkRange last = in.readBoolean() ? SplitCodec.readRange(in) : null;
        boolean complete = in.readBoolean();
        List<PendingChunk> unfinished = EnumeratorStateSerializer.readPending(in);
        Stage stage = complete && unfinished.isEmpty() ? Stage.READ : Stage.READING;
        return new TableProgress(
                schema,
                run,
                null,
                stage,
                oldest,
                null,
                null,
                planned,
                last,
                complete,
                unfinished,
                in.readLong(),
                -1,
                List.of());
    }
}
