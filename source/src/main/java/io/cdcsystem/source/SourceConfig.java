package io.cdcsystem.source;

import io.cdcsystem.source.database.DatabaseConfig;
import io.cdcsystem.source.signal.SignalChannelConfig;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the source needs to know.
 *
 * @param database where the database is, and what of it is captured
 * @param snapshot how existing rows are read
 * @param logEnd what happens at the end that the log has when the run starts
 * @param confirmAt when a checkpoint's position is confirmed to the database
 * @param batchBytesMax bytes of snapshot rows that are handed over at once: the bound of a reader's memory
 * @param signals where signals come from besides the log; null for nowhere
 * @param schemaGate who rules on new table versions; null where all are published as they are, without schema ids
 */
public record SourceConfig(
        DatabaseConfig database,
        SnapshotConfig snapshot,
        LogEnd logEnd,
        ConfirmAt confirmAt,
        int batchBytesMax,
        @Nullable SignalChannelConfig signals,
        @Nullable SchemaGateConfig schemaGate)
        implements Serializable {
    /** Bytes of snapshot rows per hand-over unless configured. */
    public static final int BATCH_BYTES_MAX = 1 << 20;

    /** Rejects sizes that are not positive. */
    public SourceConfig {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(snapshot, "snapshot");
        Objects.requireNonNull(logEnd, "logEnd");
        Objects.requireNonNull(confirmAt, "confirmAt");
        if (batchBytesMax < 1) {
            throw new IllegalArgumentException("batch of " + batchBytesMax + " bytes");
        }
    }

    /** The defaults for this database. */
    public static SourceConfig of(DatabaseConfig database, LogEnd logEnd) {
        return new SourceConfig(
                database, SnapshotConfig.DEFAULT, logEnd, ConfirmAt.COMPLETION, BATCH_BYTES_MAX, null, null);
    }
}
