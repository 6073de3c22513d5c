package io.cdcsystem.source.reader;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the log was emitted, under which table versions, and which signals came with it. Task thread only.
 *
 * <p>A signal is kept until a checkpoint that holds it is complete, for the reason that a finished chunk is: the
 * enumerator's part of the checkpoint may be older than the signal, and then only ours knows it.
 */
final class LogState implements SplitState {
    private static final long NO_CHECKPOINT = Long.MAX_VALUE;

    private final LogSplit assigned;
    private final Map<TableId, CapturedTable> tables = new LinkedHashMap<>();
    /** With the first checkpoint that holds each. */
    private final Map<LogSignal, Long> signals = new LinkedHashMap<>();

    private ResumeToken boundary;
    private long changesAfter;

    LogState(LogSplit assigned) {
        this.assigned = assigned;
        this.boundary = assigned.boundary();
        this.changesAfter = assigned.changesAfter();
        assigned.tables().forEach(table -> tables.put(table.schema().id(), table));
        assigned.signals().forEach(signal -> signals.put(signal, NO_CHECKPOINT));
    }

    /** Moves behind a batch that was emitted as a whole. */
    void advance(LogBatch batch) {
        boundary = batch.boundary();
        changesAfter = batch.changesAfter();
        for (TableSchema version : batch.newVersions()) {
            CapturedTable known = tables.get(version.id());
            tables.put(version.id(), new CapturedTable(version, known == null ? null : known.oldestGeneration()));
        }
        batch.signals().forEach(signal -> signals.put(signal, NO_CHECKPOINT));
    }

    /** From here on exactly these tables are captured; known ones keep their version. */
    void capture(List<CapturedTable> captured) {
        Map<TableId, CapturedTable> before = Map.copyOf(tables);
        tables.clear();
        for (CapturedTable table : captured) {
            TableId id = table.schema().id();
            tables.put(id, before.getOrDefault(id, table));
        }
    }

    /** A checkpoint holds what came until now. */
    void checkpointTaken(long checkpoint) {
        signals.replaceAll((signal, first) -> Math.min(first, checkpoint));
    }

    /** What that checkpoint holds is with the enumerator for good. */
    void checkpointCompleted(long checkpoint) {
        signals.values().removeIf(first -> first <= checkpoint);
    }

    ResumeToken boundary() {
        return boundary;
    }

    @Override
    public LogSplit toSplit() {
        return new LogSplit(
                assigned.epoch(),
                boundary,
                changesAfter,
                List.copyOf(tables.values()),
                List.copyOf(signals.keySet()),
                assigned.end());
    }
}
