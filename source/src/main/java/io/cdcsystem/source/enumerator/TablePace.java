package io.cdcsystem.source.enumerator;

import java.util.Objects;

/**
 * A table's snapshot with its speed.
 *
 * @param status what is done
 * @param rowsPerSecond over the last half minute; 0 where nothing moves
 * @param etaSeconds how long it takes at that speed; -1 unknown
 * @param percent how much of it is done; -1 unknown
 */
public record TablePace(TableStatus status, long rowsPerSecond, long etaSeconds, int percent) {
    /** How an unknown time or share is said. */
    public static final int UNKNOWN = -1;

    /** Rejects what cannot be. */
    public TablePace {
        Objects.requireNonNull(status, "status");
        if (rowsPerSecond < 0 || etaSeconds < UNKNOWN || percent < UNKNOWN || percent > 100) {
            throw new IllegalArgumentException(
                    status.table() + ": " + rowsPerSecond + " rows/s, " + etaSeconds + " s, " + percent + " %");
        }
    }

    /** The pace of a table at that speed. */
    static TablePace of(TableStatus status, double rowsPerSecond) {
        if (status.stage().isRead()) {
            return new TablePace(status, 0, 0, 100);
        }
        return new TablePace(status, Math.round(rowsPerSecond), eta(status, rowsPerSecond), percent(status));
    }

    /** Whether the estimate still says something: one that is surpassed was wrong. */
    private static boolean isEstimateUsable(TableStatus status) {
        return status.rowsEstimated() > 0 && status.rows() < status.rowsEstimated();
    }

    private static boolean areChunksUsable(TableStatus status) {
        return status.planned() && status.chunksPlanned() > 0;
    }

    private static int percent(TableStatus status) {
        double share;
        if (isEstimateUsable(status)) {
            share = (double) status.rows() / status.rowsEstimated();
        } else if (areChunksUsable(status)) {
            share = (double) status.chunksFinished() / status.chunksPlanned();
        } else {
            return status.stage() == Stage.READING ? UNKNOWN : 0;
        }
        // Not before the last row: "100 %" that goes on for minutes is what makes people stop believing it.
        return (int) Math.min(99, Math.floor(share * 100));
    }

    private static long eta(TableStatus status, double rowsPerSecond) {
        // Below it, a rate is printed as 0.
        if (rowsPerSecond < 0.5) {
            return UNKNOWN;
        }
        double rowsLeft;
        if (isEstimateUsable(status)) {
            rowsLeft = status.rowsEstimated() - (double) status.rows();
        } else if (areChunksUsable(status) && status.chunksFinished() > 0) {
            double rowsPerChunk = (double) status.rows() / status.chunksFinished();
            rowsLeft = (status.chunksPlanned() - status.chunksFinished()) * rowsPerChunk;
        } else {
            return UNKNOWN;
        }
        return (long) Math.ceil(rowsLeft / rowsPerSecond);
    }
}
