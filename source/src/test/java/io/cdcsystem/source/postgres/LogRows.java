package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads a log from its start to its end as of now. */
final class LogRows {
    private LogRows() {}

    static List<RowChange> read(Database database, LogStart start, List<TableSchema> tables) {
        ResumeToken end = database.endOfLog();
        LogSplit split = new LogSplit(
                start.epoch(),
                start.token(),
                0,
                tables.stream().map(table -> new CapturedTable(table, null)).toList(),
                List.of(),
                end);
        List<RowChange> changes = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        try (LogReader reader = database.readLog(split)) {
            while (!reader.hasReached(end)) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the end of the log was not reached");
                }
                LogBatch batch = reader.poll(Duration.ofMillis(200));
                if (batch != null) {
                    for (SourceEvent event : batch.events()) {
                        if (event instanceof RowChange change) {
                            changes.add(change);
                        }
                    }
                }
            }
        }
        return changes;
    }
}
