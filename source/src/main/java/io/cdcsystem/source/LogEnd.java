package io.cdcsystem.source;

/**
 * What happens at the end that the log has when a run starts. Each run, and each restart of the whole job, takes that end
 * anew: a checkpoint that is restored never brings the end of an earlier run with it.
 */
public enum LogEnd {
    /** Reading goes on past it, for ever. */
    NEVER,
    /** The job finishes there. Flink then discards its checkpoints: nothing is left for a further run to go on from. */
    FINISH,
    /**
     * Reading stops there and the job stays alive, so that it can be stopped with a savepoint, from which the next run
     * goes on. The reader's gauge {@code logEndReached} says when every change before the end was emitted.
     */
    HOLD;

    /** Whether there is an end at all. */
    public boolean isBounded() {
        return this != NEVER;
    }
}
