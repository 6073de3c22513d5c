package io.cdcsystem.source.postgres.stream;

/**
 * Widens the log's 32-bit transaction ids: of all 64-bit ids with the same low half, the one nearest to a known id.
 *
 * <p>Two ids in use are never 2^31 or more apart, so the nearest is the right one.
 */
final class TransactionIds {
    private long reference;

    /** Begins at a 64-bit id of now. */
    TransactionIds(long reference) {
        this.reference = reference;
    }

    /** The 64-bit id; the reference follows, so that a long-lived stream never outgrows it. */
    long widen(int xid) {
        long full = reference + (xid - (int) reference);
        reference = Math.max(reference, full);
        return full;
    }

    /** A newer 64-bit id of now. */
    void advanceTo(long newer) {
        reference = Math.max(reference, newer);
    }
}
