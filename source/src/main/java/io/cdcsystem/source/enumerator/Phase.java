package io.cdcsystem.source.enumerator;

/** Where a capture stands. It may fall back from HANDING_OVER to SNAPSHOTTING, when a reader lost what it had read. */
public enum Phase {
    /** The database was not found fit yet; nothing is fixed. */
    DISCOVERING,
    /** Chunks are planned and read. */
    SNAPSHOTTING,
    /** Every chunk was read; a checkpoint must make that last before the log begins. */
    HANDING_OVER,
    /** The log is read, or waits for a reader. */
    STREAMING
}
