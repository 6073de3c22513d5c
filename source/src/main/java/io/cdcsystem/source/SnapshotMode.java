package io.cdcsystem.source;

/** What a pipeline does at its first start, and when the server no longer has what it needs to go on. */
public enum SnapshotMode {
    /** Existing rows, then the log. */
    INITIAL,
    /** Existing rows, then the end. */
    INITIAL_ONLY,
    /** The log as of now only. */
    NO_DATA,
    /** As INITIAL; and where the log no longer reaches back to the stored position, all rows again. */
    WHEN_NEEDED,
    /** The log from a given position on only. */
    FROM_POSITION
}
