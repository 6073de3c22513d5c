package io.cdcsystem.source.enumerator;

/**
 * How many rows a table's next chunks should have, so that each takes about the time aimed at and not too many bytes: the
 * overhead of a chunk does not count then, and neither does what a crash makes be read again. Pure.
 */
final class ChunkSizing {
    /**
     * What is aimed at; the same for all tables.
     *
     * @param rows rows of a table's first chunks
     * @param millis how long a chunk should take; 0 to keep to the rows
     */
    record Aim(int rows, long millis) {
        /** The sizing of a table's new run. */
        ChunkSizing begin() {
            return new ChunkSizing(rows, millis);
        }
    }

    /** The size never leaves this many times the configured one, in either direction. */
    static final int FACTOR_MAX = 16;

    static final long BYTES_AIM = 32L << 20;
    private static final int STEP_MAX = 2;

    private final int configured;
    private final long millisAim;
    private int rows;

    /**
     * Begins with the configured size.
     *
     * @param millisAim how long a chunk should take; 0 to keep the configured size
     */
    ChunkSizing(int configured, long millisAim) {
        this.configured = configured;
        this.millisAim = millisAim;
        this.rows = configured;
    }

    /** Rows of the next chunk. */
    int rows() {
        return rows;
    }

    /** A chunk was read. */
    void read(long rowsRead, long bytes, long millis) {
        // A chunk that is far from full, the last one say, tells about its overhead only.
        if (millisAim == 0 || rowsRead < rows / 2) {
            return;
        }
        double byTime = (double) rowsRead * millisAim / Math.max(1, millis);
        double byBytes = (double) rowsRead * BYTES_AIM / Math.max(1, bytes);
        double aim = Math.min(byTime, byBytes);
        double step = clamp(aim, (double) rows / STEP_MAX, (double) rows * STEP_MAX);
        double most = Math.min(Integer.MAX_VALUE, (double) configured * FACTOR_MAX);
        rows = (int) clamp(step, Math.max(1.0, (double) configured / FACTOR_MAX), most);
    }

    private static double clamp(double value, double least, double most) {
        return Math.min(most, Math.max(least, value));
    }
}
