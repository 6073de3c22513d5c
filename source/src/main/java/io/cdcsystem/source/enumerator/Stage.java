package io.cdcsystem.source.enumerator;

/** How far a table's snapshot has come. The codes are what metrics report, and never change. */
public enum Stage {
    /** Nothing was read yet. */
    WAITING(0),
    /** Added while the pipeline ran: transactions that began before have to end first. */
    JOINING(1),
    /** Chunks are being read. */
    READING(2),
    /** Every row is read; the checkpoint that holds them is to come. */
    READ(3),
    /** A later run is read: what vanished from the table since the run before is being deleted downstream. */
    SWEEPING(4),
    /** The snapshot is complete. */
    DONE(5);

    private final int code;

    Stage(int code) {
        this.code = code;
    }

    /** What metrics report. */
    public int code() {
        return code;
    }

    /** Whether no row is left to read. */
    public boolean isRead() {
        return compareTo(READ) >= 0;
    }
}
