package io.cdcsystem.job.command;

import io.cdcsystem.job.rest.JobStatus;
import io.cdcsystem.source.postgres.slot.CaptureReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code cdc status} found out, and what it makes of it. Pure.
 *
 * @param pipeline the pipeline's name
 * @param slotName its replication slot's name
 * @param job its job; null where none was found
 * @param absence why none was found; null where one was
 * @param capture what the database says; null where it did not answer
 * @param databaseError why it did not; null where it did
 */
record PipelineStatus(
        String pipeline,
        String slotName,
        @Nullable JobStatus job,
        @Nullable Problem absence,
        @Nullable CaptureReport capture,
        @Nullable String databaseError) {

    /**
     * Why a pipeline is not fine.
     *
     * @param message what is wrong
     * @param remedy what to do
     */
    record Problem(String message, String remedy) {}

    /** Everything that is wrong; empty where the pipeline runs and is fine. */
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (absence != null) {
            problems.add(absence);
        }
        if (job != null) {
            ofJob(job, problems);
        }
        CaptureReport known = capture;
        if (known != null && job != null && job.checkpoint() != null) {
            ofSlot(known.slot(), problems);
        }
        return problems;
    }

    private static void ofJob(JobStatus job, List<Problem> problems) {
        JobStatus.Failure failure = job.failure();
        if (!job.isRunning()) {
            String why = failure == null
                    ? ""
                    : ": " + FailureWatch.read(failure.text()).line();
            problems.add(new Problem("the job is " + job.state() + why, remedy(job)));
            return;
        }
        JobStatus.Checkpoint checkpoint = job.checkpoint();
        if (failure != null && (checkpoint == null || failure.at() > checkpoint.completedAt())) {
            problems.add(new Problem(
                    "no checkpoint was complete since the last failure: "
                            + FailureWatch.read(failure.text()).line(),
                    "if it comes again, mend what the message names; the job restarts by itself"));
        }
        JobStatus.Failure failed = job.checkpointFailure();
        if (failed != null && (checkpoint == null || failed.at() > checkpoint.completedAt())) {
            problems.add(new Problem(
                    "the last checkpoint failed: " + firstLine(failed.text()),
                    "see Checkpoints in the web UI at " + job.cluster()
                            + "; until one is complete, nothing is confirmed to the database"));
        }
    }

    private static String remedy(JobStatus job) {
        return switch (job.state()) {
            case "FINISHED" -> "a bounded pipeline ends so; start it again to go on";
            case "CANCELED", "SUSPENDED" -> "start it again, from its newest savepoint or checkpoint";
            case "FAILED" -> "mend what the message names, then start it from its newest checkpoint";
            default -> "wait, it goes on by itself; if the failure comes again, mend what the message names";
        };
    }

    private void ofSlot(CaptureReport.@Nullable Slot slot, List<Problem> problems) {
        if (slot == null) {
            problems.add(
                    new Problem(
                            "replication slot " + slotName + " does not exist",
                            "if it was dropped, the log behind the last position is gone: restart with snapshot.mode: when_needed"));
        } else if (slot.lost()) {
            problems.add(new Problem(
                    "replication slot " + slotName + " was invalidated by the server: the log it kept is gone",
                    "raise max_slot_wal_keep_size, and restart with snapshot.mode: when_needed"));
        }
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("no reason given");
    }

    /** Whether it runs and is fine. */
    boolean isFine() {
        return problems().isEmpty();
    }

    /** One line that says it all. */
    String verdict() {
        List<Problem> problems = problems();
        if (!problems.isEmpty()) {
            return problems.get(0).message();
        }
        JobStatus.Snapshot snapshot = job == null ? null : job.snapshot();
        if (snapshot == null) {
            return "running";
        }
        if (snapshot.versionsPending() > 0) {
            return "running, " + snapshot.versionsPending()
                    + " change(s) of tables' definitions wait: see ./cdc schema list";
        }
        if (snapshot.paused()) {
            return "running, its snapshot paused";
        }
        return snapshot.tablesFinished() < snapshot.tables() ? "running, reading its snapshot" : "running";
    }
}
