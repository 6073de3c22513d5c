package io.cdcsystem.dedup;

/** What deduplication says about an event. */
public enum Verdict {
    /** It adds something: publish it. */
    EMIT,
    /** The same event, or the row of the same snapshot run, was published before. */
    REPEAT,
    /** The row that a snapshot published contains this change. */
    ALREADY_READ,
    /** The row was read before what the log already told about its key. */
    STALE_ROW
}
