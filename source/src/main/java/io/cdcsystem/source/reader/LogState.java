package io.cdcsystem.source.reader;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How far the log was emitted, and under which table versions. Task thread only. */
final class LogState implements SplitState {
    private final LogSplit assigned;
    private final Map<TableId, CapturedTable> tables = new LinkedHashMap<>();
    private ResumeToken boundary;
    private long changesAfter;

    LogState(LogSplit assigned) {
        this.assigned = assigned;
        this.boundary = assigned.boundary();
        this.changesAfter = assigned.changesAfter();
        assigned.tables().forEach(table -> tables.put(table.schema().id(), table));
    }

    /** Moves behind a batch that was emitted as a whole. */
    void advance(LogBatch batch) {
        boundary = batch.boundary();
        changesAfter = batch.changesAfter();
        for (TableSchema version : batch.newVersions()) {
            CapturedTable known = tables.get(version.id());
            tables.put(version.id(), new CapturedTable(version, known == null ? null : known.oldestGeneration()));
        }
    }

    ResumeToken boundary() {
        return boundary;
    }

    @Override
    public LogSplit toSplit() {
        return new LogSplit(
                assigned.epoch(), boundary, changesAfter, List.copyOf(tables.values()), List.of(), assigned.end());
    }
}
