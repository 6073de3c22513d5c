package io.cdcsystem.schema.position;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Which transactions a database snapshot can see: {@code pg_current_snapshot()} as (xmin, xmax, xip).
 *
 * <p>Transaction ids are 64 bits wide (epoch-extended); a log's 32-bit id must be widened first. The rule is that of
 * {@code is_visible_fxid} in PostgreSQL's {@code xid8funcs.c}.
 */
public final class Visibility implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long xmin;
    private final long xmax;
    private final long[] inProgress;

    /**
     * A snapshot that sees all below {@code xmin}, none from {@code xmax} on, and between them all but
     * {@code inProgress}.
     */
    public Visibility(long xmin, long xmax, long[] inProgress) {
        if (xmin < 0 || xmin > xmax) {
            throw new IllegalArgumentException("snapshot " + xmin + ":" + xmax + " has no order");
        }
        this.xmin = xmin;
        this.xmax = xmax;
        this.inProgress = inProgress.clone();
        Arrays.sort(this.inProgress);
    }

    /**
     * Reads PostgreSQL's text form of {@code pg_snapshot}: {@code xmin:xmax:xip,xip,…}.
     *
     * <p>A snapshot that the creation of a slot exports may have its xmin above its xmax: {@code SnapBuildProcessRunningXacts}
     * of {@code snapbuild.c} moves the one, and only commits move the other, so that rolled back transactions stand between
     * them. The server sees all below xmin, and none from it on.
     */
    public static Visibility parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a pg_snapshot: " + text);
        }
        long[] xip = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(",", -1))
                        .mapToLong(Long::parseLong)
                        .toArray();
        long xmin = Long.parseLong(parts[0]);
        return new Visibility(xmin, Math.max(xmin, Long.parseLong(parts[1])), xip);
    }

    /** Whether the snapshot sees what this transaction did. */
    public boolean sees(long transaction) {
        return transaction < xmin || (transaction < xmax && Arrays.binarySearch(inProgress, transaction) < 0);
    }

    /** All below are seen. */
    public long xmin() {
        return xmin;
    }

    /** None from here on is seen. */
    public long xmax() {
        return xmax;
    }

    /** A copy of the transactions between that are not seen, ascending. */
    public long[] inProgress() {
        return inProgress.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Visibility that
                && xmin == that.xmin
                && xmax == that.xmax
                && Arrays.equals(inProgress, that.inProgress);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(xmin) * 31 + Long.hashCode(xmax) + Arrays.hashCode(inProgress);
    }

    /** PostgreSQL's own form. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder().append(xmin).append(':').append(xmax).append(':');
        for (int i = 0; i < inProgress.length; i++) {
            text.append(i == 0 ? "" : ",").append(inProgress[i]);
        }
        return text.toString();
    }
}
