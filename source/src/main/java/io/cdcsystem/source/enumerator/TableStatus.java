package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import java.util.Objects;

/**
 * What the enumerator knows of a table's snapshot at one moment.
 *
 * @param table which table
 * @param stage how far it has come
 * @param run the table's snapshot run, from 1; 0 where none has begun
 * @param rows rows read in this run
 * @param rowsEstimated how many there may be; -1 where nobody knows
 * @param chunksPlanned chunks planned so far
 * @param chunksFinished those of them that were read
 * @param planned whether planning has reached the table's end
 */
public record TableStatus(
        TableId table,
        Stage stage,
        int run,
        long rows,
        long rowsEstimated,
        long chunksPlanned,
        long chunksFinished,
        boolean planned) {

    /** How an unknown estimate is said. */
    public static final long UNKNOWN = -1;

    /** Rejects counts that cannot be. */
    public TableStatus {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(stage, "stage");
        if (run < 0 || rows < 0 || rowsEstimated < UNKNOWN || chunksFinished < 0 || chunksPlanned < chunksFinished) {
            throw new IllegalArgumentException(table + ": run " + run + ", " + rows + " rows of " + rowsEstimated + ", "
                    + chunksFinished + " chunks of " + chunksPlanned);
        }
    }
}
