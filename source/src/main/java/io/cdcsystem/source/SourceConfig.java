package io.cdcsystem.source;

import io.cdcsystem.source.database.DatabaseConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * What the source needs to know.
 *
 * @param database where the database is, and what of it is captured
 * @param chunkSize rows per chunk of the snapshot, as an aim
 * @param logEnd what happens at the end that the log has when the run starts
 * @param confirmAt when a checkpoint's position is confirmed to the database
 * @param batchBytesMax bytes of snapshot rows that are handed over at once: the bound of a reader's memory
 */
public record SourceConfig(
        DatabaseConfig database, int chunkSize, LogEnd logEnd, ConfirmAt confirmAt, int batchBytesMax)
        implements Serializable {
    /** Rows per chunk unless configured. */
    public static final int CHUNK_SIZE = 10_000;
    /** Bytes of snapshot rows per hand-over unless configured. */
    public static final int BATCH_BYTES_MAX = 1 << 20;

    /** Rejects sizes that are not positive. */
    public SourceConfig {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(logEnd, "logEnd");
        Objects.requireNonNull(confirmAt, "confirmAt");
        if (chunkSize < 1 || batchBytesMax < 1) {
            throw new IllegalArgumentException("chunk of " + chunkSize + " rows, batch of " + batchBytesMax + " bytes");
        }
    }

    /** The defaults for this database. */
    public static SourceConfig of(DatabaseConfig database, LogEnd logEnd) {
        return new SourceConfig(database, CHUNK_SIZE, logEnd, ConfirmAt.COMPLETION, BATCH_BYTES_MAX);
    }
}
