package io.cdcsystem.schema.position;

import java.io.Serializable;

/**
 * Where a change stands in the order of its source: what deduplication compares. Totally ordered; the commit is compared
 * unsigned.
 *
 * <p>Never the record's own LSN: records of interleaved transactions are not delivered in LSN order, and all rows of one
 * COPY may share one.
 *
 * @param epoch counts the histories of the source: a failover to another timeline or server begins the next one
 * @param commit the transaction's place in commit order; PostgreSQL: LSN of its commit record
 * @param ordinal the change's place in its transaction, from 0; for a snapshot row the number of its generation, or what
 *     {@link #behind} makes of it
 */
public record Position(int epoch, long commit, int ordinal) implements Comparable<Position>, Serializable {

    /** Transactions have fewer changes; what snapshots say behind a transaction has this ordinal or a higher one. */
    public static final int BEHIND_CHANGES = 0x7F00_0000;

    private static final int GENERATIONS_TOLD_APART = Integer.MAX_VALUE - BEHIND_CHANGES;

    /** Rejects negative parts. */
    public Position {
        if (epoch < 0 || ordinal < 0) {
            throw new IllegalArgumentException("epoch " + epoch + " and ordinal " + ordinal + " are never negative");
        }
    }

    /**
     * Where a snapshot row stands that contains this position's transaction: behind all its changes, before the next
     * transaction's, and behind the rows of older generations at the same place.
     */
    public Position behind(int generation) {
        return new Position(epoch, commit, BEHIND_CHANGES + Math.min(generation, GENERATIONS_TOLD_APART));
    }

    @Override
    public int compareTo(Position other) {
        if (epoch != other.epoch) {
            return Integer.compare(epoch, other.epoch);
        }
        if (commit != other.commit) {
            return Long.compareUnsigned(commit, other.commit);
        }
        return Integer.compare(ordinal, other.ordinal);
    }

    /**
     * The text form of the {@code cdc.position} header: fixed-width hexadecimal, so that positions compare as strings.
     */
    @Override
    public String toString() {
        return hex(epoch, 8) + "-" + hex(commit, 16) + "-" + hex(ordinal, 8);
    }

    /** Reads the form that {@link #toString()} writes. */
    public static Position parse(String text) {
        if (text.length() != 34 || text.charAt(8) != '-' || text.charAt(25) != '-') {
            throw new IllegalArgumentException("not a position: " + text);
        }
        return new Position(
                Integer.parseUnsignedInt(text, 0, 8, 16),
                Long.parseUnsignedLong(text, 9, 25, 16),
                Integer.parseUnsignedInt(text, 26, 34, 16));
    }

    private static String hex(long value, int digits) {
        String text = Long.toHexString(value);
        return "0".repeat(digits - text.length()) + text;
    }
}
