package io.cdcsystem.source;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How existing rows are read.
 *
 * @param mode whether they are
 * @param position where the log begins, in the database's own notation; exactly for {@link SnapshotMode#FROM_POSITION}
 * @param chunkSize rows of a table's first chunks; later ones follow the time and the bytes that these took
 * @param threadsMax readers that read chunks at the same time, each over a connection of its own; 0 for all
 * @param generationMaxAge how old a database snapshot may get before the remaining chunks are read under a younger one
 * @param chunkTargetTime how long a chunk should take to read, which its rows follow; zero to keep to the chunk size
 * @param tableOrder which table comes first
 */
public record SnapshotConfig(
        SnapshotMode mode,
        @Nullable String position,
        int chunkSize,
        int threadsMax,
        Duration generationMaxAge,
        Duration chunkTargetTime,
        TableOrder tableOrder)
        implements Serializable {
    /** Rows per chunk unless configured. */
    public static final int CHUNK_SIZE = 10_000;
    /** Age of a database snapshot unless configured. */
    public static final Duration GENERATION_MAX_AGE = Duration.ofMinutes(15);

    /** Time per chunk unless configured. */
    public static final Duration CHUNK_TARGET_TIME = Duration.ofSeconds(1);

    /** Which table is read first. */
    public enum TableOrder {
        /** As configured. */
        CONFIGURED,
        /** The smallest. */
        ROW_COUNT_ASCENDING,
        /** The largest. */
        ROW_COUNT_DESCENDING
    }

    /** Rejects sizes that are not positive, and a position without its mode. */
    public SnapshotConfig {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(generationMaxAge, "generationMaxAge");
        Objects.requireNonNull(tableOrder, "tableOrder");
        if (chunkSize < 1 || threadsMax < 0 || generationMaxAge.toMillis() < 1 || chunkTargetTime.isNegative()) {
            throw new IllegalArgumentException(
                    "chunk of " + chunkSize + " rows, " + threadsMax + " threads, age of " + generationMaxAge);
        }
        if ((mode == SnapshotMode.FROM_POSITION) != (position != null)) {
            throw new IllegalArgumentException("mode " + mode + " with position " + position);
        }
    }

    /** What is used unless configured. */
    public static final SnapshotConfig DEFAULT = new SnapshotConfig(
            SnapshotMode.INITIAL, null, CHUNK_SIZE, 0, GENERATION_MAX_AGE, CHUNK_TARGET_TIME, TableOrder.CONFIGURED);

    /** The defaults with chunks of that size and no other. */
    public static SnapshotConfig ofChunkSize(int chunkSize) {
        return new SnapshotConfig(
                SnapshotMode.INITIAL, null, chunkSize, 0, GENERATION_MAX_AGE, Duration.ZERO, TableOrder.CONFIGURED);
    }
}
