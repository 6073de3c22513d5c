package io.cdcsystem.source.protocol;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.ResumeToken;
import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/** The enumerator asks the reader that holds the log. */
public sealed interface LogRequest extends SourceEvent {

    /**
     * To publish exactly these tables from where the log stands.
     *
     * @param revision counts these requests; repeated in the answer
     * @param tables what is captured
     */
    record CaptureTables(int revision, List<CapturedTable> tables) implements LogRequest {
        /** Copies the tables. */
        public CaptureTables {
            tables = List.copyOf(tables);
        }
    }

    /** To end at the log's end, where it holds. */
    record Finish() implements LogRequest {}

    /**
     * To say downstream that a table's run is complete, once the log has passed what the run saw.
     *
     * @param table the table as the run read it
     * @param oldest the oldest generation of the run
     * @param behind where the log has passed everything that any generation of the run sees
     */
    record SweepTable(TableSchema table, Generation oldest, ResumeToken behind) implements LogRequest {}
}
