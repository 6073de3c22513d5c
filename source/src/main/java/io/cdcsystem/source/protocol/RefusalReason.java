package io.cdcsystem.source.protocol;

/** Why a chunk could not be read. */
public enum RefusalReason {
    /** The generation's snapshot cannot be imported any more. */
    SNAPSHOT_GONE,
    /** The table is no longer what the run reads. */
    TABLE_CHANGED,
    /** The server does not take the condition that the snapshot was ordered with. */
    CONDITION_REJECTED
}
