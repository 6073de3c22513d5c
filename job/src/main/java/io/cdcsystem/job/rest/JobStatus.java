package io.cdcsystem.job.rest;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline's Flink job as the cluster tells of it. Times are the cluster's, in milliseconds since 1970.
 *
 * @param cluster the REST API's address
 * @param id the job's id
 * @param state Flink's word for its state
 * @param now the cluster's clock when it was asked
 * @param startedAt when the job was started
 * @param restarts how often it was restarted; null where the cluster does not say yet
 * @param checkpoint the last completed checkpoint; null before the first
 * @param checkpointFailure the last failed one; null where none failed
 * @param failure the last failure; null where nothing failed
 * @param snapshot the snapshot's progress; null where the cluster does not say yet
 * @param log how reading the log goes; null where the cluster does not say yet
 * @param published what was published; null where the cluster does not say yet
 */
public record JobStatus(
        String cluster,
        String id,
        String state,
        long now,
        long startedAt,
        @Nullable Long restarts,
        @Nullable Checkpoint checkpoint,
        @Nullable Failure checkpointFailure,
        @Nullable Failure failure,
        @Nullable Snapshot snapshot,
        @Nullable Log log,
        @Nullable Published published) {
    private static final Set<String> ENDED = Set.of("FINISHED", "CANCELED", "FAILED", "SUSPENDED");

    /**
     * A completed checkpoint.
     *
     * @param id its number
     * @param completedAt when it was complete
     * @param durationMillis from its trigger until then
     * @param bytes its size, what it shares with earlier ones included
     */
    public record Checkpoint(long id, long completedAt, long durationMillis, long bytes) {}

    /**
     * Something that failed.
     *
     * @param at when
     * @param text the cluster's text, mostly a stack trace
     */
    public record Failure(long at, String text) {}

    /**
     * The snapshot.
     *
     * @param generation the newest database snapshot's number; null where the pipeline does not say
     * @param paused whether a signal paused it
     * @param tables how many tables there are
     * @param tablesFinished how many of them are read
     * @param chunksPlanned chunks planned so far
     * @param chunksFinished chunks read
     * @param versionsPending versions of tables that wait for a person's decision, or for a registry that does not answer
     * @param perTable table by table, by name; empty where the pipeline does not say
     */
    public record Snapshot(
            @Nullable Long generation,
            boolean paused,
            long tables,
            long tablesFinished,
            long chunksPlanned,
            long chunksFinished,
            long versionsPending,
            List<Table> perTable) {
        /** Copies the list. */
        public Snapshot {
            perTable = List.copyOf(perTable);
        }
    }

    /**
     * A table's snapshot; what nobody knows is null.
     *
     * @param name as metrics name it: {@code schema_table}, until {@link TableNames} finds the real one
     * @param stage waiting, joining, reading, read, sweeping or done
     * @param run the table's snapshot run
     * @param rows rows read in it
     * @param rowsEstimated how many there may be
     * @param percent how much is done
     * @param chunksPlanned chunks planned so far
     * @param chunksFinished chunks read
     * @param rowsPerSecond the present speed
     * @param etaSeconds how long it takes at this speed
     * @param versionPending whether its events wait because a version of it is not admitted
     */
    public record Table(
            String name,
            String stage,
            long run,
            long rows,
            @Nullable Long rowsEstimated,
            @Nullable Long percent,
            long chunksPlanned,
            long chunksFinished,
            long rowsPerSecond,
            @Nullable Long etaSeconds,
            boolean versionPending) {
        Table named(String realName) {
            return new Table(
                    realName,
                    stage,
                    run,
                    rows,
                    rowsEstimated,
                    percent,
                    chunksPlanned,
                    chunksFinished,
                    rowsPerSecond,
                    etaSeconds,
                    versionPending);
        }
    }

    /**
     * Reading the log.
     *
     * @param bytesBehind how much log is not yet read
     * @param lastCommitLagMillis age of the transaction read last; 0 before the first
     * @param endReached whether everything before a bounded run's end is read
     * @param recordsOut events that the source handed on since the tasks' start, snapshot rows included
     */
    public record Log(
            @Nullable Long bytesBehind,
            @Nullable Long lastCommitLagMillis,
            boolean endReached,
            @Nullable Long recordsOut) {}

    /**
     * What deduplication let through, since the tasks' start.
     *
     * @param events events published
     * @param duplicatesDropped repeats that were dropped
     * @param staleRowsDropped snapshot rows that the log had overtaken
     */
    public record Published(long events, long duplicatesDropped, long staleRowsDropped) {}

    /** Whether the job is over for good. */
    public boolean hasEnded() {
        return hasEnded(state);
    }

    static boolean hasEnded(String state) {
        return ENDED.contains(state);
    }

    /** Whether it is in the state in which it works. */
    public boolean isRunning() {
        return state.equals("RUNNING");
    }

    /** The same with the tables under the names that these have in the database. */
    public JobStatus withTableNames(TableNames names) {
        Snapshot known = snapshot;
        if (known == null) {
            return this;
        }
        Snapshot named = new Snapshot(
                known.generation,
                known.paused,
                known.tables,
                known.tablesFinished,
                known.chunksPlanned,
                known.chunksFinished,
                known.versionsPending,
                known.perTable.stream()
                        .map(table -> table.named(names.realName(table.name)))
                        .toList());
        return new JobStatus(
                cluster,
                id,
                state,
                now,
                startedAt,
                restarts,
                checkpoint,
                checkpointFailure,
                failure,
                named,
                log,
                published);
    }
}
