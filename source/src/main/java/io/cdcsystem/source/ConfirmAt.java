package io.cdcsystem.source;

/** When the position that a checkpoint holds is confirmed to the database, which may then forget the log before it. */
public enum ConfirmAt {
    /** When the checkpoint completes: its events were flushed to Kafka before. */
    COMPLETION,
    /**
     * When the next checkpoint completes: a transactional sink commits its part of a checkpoint only after that has
     * completed, and beside the source, not before it. By the next completion that has happened.
     */
    NEXT_COMPLETION
}
