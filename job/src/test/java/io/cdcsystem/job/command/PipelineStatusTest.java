package io.cdcsystem.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.job.rest.JobStatus;
import io.cdcsystem.job.rest.JobStatus.Checkpoint;
import io.cdcsystem.job.rest.JobStatus.Failure;
import io.cdcsystem.source.postgres.slot.CaptureReport;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("S2")
class PipelineStatusTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final Checkpoint CHECKPOINT = new Checkpoint(12, NOW - 4_000, 350, 5 * 1024 * 1024);
    private static final Failure FAILURE = new Failure(
            NOW - 60_000, "java.lang.Exception: outer\nCaused by: X: STREAM_FAILED: the stream broke; it is retried\n");

    private static final JobStatus.Snapshot SNAPSHOT = snapshot(false);

    private static JobStatus.Snapshot snapshot(boolean ordersWait) {
        return new JobStatus.Snapshot(
                2L,
                false,
                2,
                1,
                301,
                121,
                ordersWait ? 1 : 0,
                List.of(
                        new JobStatus.Table("public.customers", "done", 1, 1_000, null, 100L, 1, 1, 0, 0L, false),
                        new JobStatus.Table(
                                "public.orders",
                                "reading",
                                1,
                                1_200_000,
                                3_000_000L,
                                40L,
                                300,
                                120,
                                45_000,
                                40L,
                                ordersWait)));
    }

    private static JobStatus job(String state, Checkpoint checkpoint, Failure checkpointFailure, Failure failure) {
        return job(state, checkpoint, checkpointFailure, failure, SNAPSHOT);
    }

    private static JobStatus job(
            String state,
            Checkpoint checkpoint,
            Failure checkpointFailure,
            Failure failure,
            JobStatus.Snapshot snapshot) {
        return new JobStatus(
                "http://127.0.0.1:8081",
                "abc",
                state,
                NOW,
                NOW - 3_600_000 * 3,
                1L,
                checkpoint,
                checkpointFailure,
                failure,
                snapshot,
                new JobStatus.Log(2_048L, 1_500L, false, 1_201_000L),
                new JobStatus.Published(1_200_990, 10, 3));
    }

    private static CaptureReport slot(boolean lost) {
        return new CaptureReport(
                new CaptureReport.Slot(true, "0/16B3748", 3L * 1024 * 1024 * 1024, null, lost), List.of());
    }

    private static PipelineStatus status(JobStatus job, CaptureReport capture) {
        return new PipelineStatus(
                "shop", "cdc_shop", job, null, capture, capture == null ? "DATABASE_UNREACHABLE: gone" : null);
    }

    @Test
    void a_pipeline_that_runs_is_told_line_by_line() {
        PipelineStatus status = status(job("RUNNING", CHECKPOINT, null, FAILURE), slot(false));
        assertThat(status.isFine()).isTrue();
        assertThat(StatusText.of(status)).isEqualTo("""
                        pipeline   shop: running, reading its snapshot
                        job        abc RUNNING for 3 h 0 min, 1 restarts, http://127.0.0.1:8081
                        failure    60 s ago: STREAM_FAILED: the stream broke; it is retried
                        checkpoint 12, 4 s ago, 5.0 MiB in 350 ms
                        snapshot   generation 2, 1 of 2 tables read, 121 of 301 planned chunks
                        log        2.0 KiB behind, last transaction 1 s ago
                        published  1 200 990 events; dropped 10 repeats, 3 stale rows
                        slot       cdc_shop: active, confirmed up to 0/16B3748, keeps 3.0 GiB of log

                        table             stage    run       rows   of about   done   chunks  rows/s  left
                        public.customers  done       1      1 000          ?  100 %      1/1       0   0 s
                        public.orders     reading    1  1 200 000  3 000 000   40 %  120/300  45 000  40 s
                        """);
    }

    @Test
    @Tag("E9")
    void a_table_that_waits_for_a_decision_is_named_and_is_no_failure() {
        PipelineStatus status = status(job("RUNNING", CHECKPOINT, null, null, snapshot(true)), slot(false));
        assertThat(status.isFine()).isTrue();
        assertThat(StatusText.of(status))
                .contains("shop: running, 1 change(s) of tables' definitions wait: see ./cdc schema list\n")
                .contains("\nschemas    1 waiting, of public.orders: for a decision");
        JsonNode snapshot = StatusJson.of(status).path("snapshot");
        assertThat(snapshot.path("versionsPending").asInt()).isEqualTo(1);
        assertThat(snapshot.path("perTable").path(0).path("versionPending").asBoolean())
                .isFalse();
        assertThat(snapshot.path("perTable").path(1).path("versionPending").asBoolean())
                .isTrue();
    }

    @Test
    void scripts_find_every_field() {
        JsonNode json = StatusJson.of(status(job("RUNNING", CHECKPOINT, null, FAILURE), slot(false)));
        assertThat(json.path("fine").asBoolean()).isTrue();
        assertThat(json.path("job").path("uptimeSeconds").asLong()).isEqualTo(10_800);
        assertThat(json.path("job").path("lastFailure").path("message").asText())
                .isEqualTo("STREAM_FAILED: the stream broke; it is retried");
        assertThat(json.path("checkpoint").path("ageSeconds").asLong()).isEqualTo(4);
        JsonNode orders = json.path("snapshot").path("perTable").path(1);
        assertThat(orders.toString())
                .isEqualTo("{\"table\":\"public.orders\",\"stage\":\"reading\",\"run\":1,\"rows\":1200000,"
                        + "\"rowsEstimated\":3000000,\"percent\":40,\"chunksPlanned\":300,\"chunksFinished\":120,"
                        + "\"rowsPerSecond\":45000,\"etaSeconds\":40,\"versionPending\":false}");
        assertThat(json.path("log").path("bytesBehind").asLong()).isEqualTo(2_048);
        assertThat(json.path("published").path("staleRowsDropped").asLong()).isEqualTo(3);
        assertThat(json.path("slot").toString())
                .isEqualTo("{\"name\":\"cdc_shop\",\"error\":null,\"exists\":true,\"active\":true,\"lost\":false,"
                        + "\"confirmedLsn\":\"0/16B3748\",\"retainedBytes\":3221225472,\"bytesUntilLost\":null}");
    }

    @Test
    void what_nobody_knows_is_a_question_mark_or_null() {
        JobStatus young = new JobStatus(
                "http://127.0.0.1:8081", "abc", "RUNNING", NOW, NOW, null, null, null, null, null, null, null);
        PipelineStatus status = status(young, null);
        assertThat(status.isFine()).isTrue();
        assertThat(StatusText.of(status)).isEqualTo("""
                        pipeline   shop: running
                        job        abc RUNNING for 0 s, ? restarts, http://127.0.0.1:8081
                        checkpoint none yet
                        snapshot   ?
                        log        ?
                        published  ?
                        slot       cdc_shop: unknown, DATABASE_UNREACHABLE: gone
                        """);
        JsonNode json = StatusJson.of(status);
        assertThat(json.path("snapshot").isNull()).isTrue();
        assertThat(json.path("checkpoint").isNull()).isTrue();
        assertThat(json.path("slot").path("exists").isNull()).isTrue();
        assertThat(json.path("slot").path("error").asText()).contains("gone");
    }

    @Test
    void an_absent_job_says_why_and_what_to_do() {
        PipelineStatus status = new PipelineStatus(
                "shop",
                "cdc_shop",
                null,
                new PipelineStatus.Problem("no job named shop at http://x", "start it"),
                new CaptureReport(null, List.of()),
                null);
        assertThat(status.isFine()).isFalse();
        assertThat(StatusText.of(status)).isEqualTo("""
                        pipeline   shop: not fine
                        problem    no job named shop at http://x
                                   -> start it
                        slot       cdc_shop: does not exist
                        """);
        assertThat(StatusJson.of(status).path("problems").path(0).path("remedy").asText())
                .isEqualTo("start it");
    }

    @ParameterizedTest
    @CsvSource({
        "RESTARTING, the stream broke",
        "FAILED,     the stream broke",
        "FINISHED,   the job is FINISHED",
        "CANCELED,   the job is CANCELED"
    })
    void a_job_in_any_other_state_is_a_problem(String state, String said) {
        PipelineStatus status = status(job(state, CHECKPOINT, null, FAILURE), slot(false));
        assertThat(status.problems()).singleElement().satisfies(problem -> assertThat(problem.message())
                .contains(state, said));
    }

    @Test
    void a_failure_counts_until_a_checkpoint_is_complete() {
        Failure fresh = new Failure(NOW - 1_000, FAILURE.text());
        assertThat(status(job("RUNNING", CHECKPOINT, null, fresh), slot(false)).verdict())
                .contains("no checkpoint was complete since", "the stream broke");
        assertThat(status(job("RUNNING", null, null, FAILURE), slot(false)).isFine())
                .isFalse();
        assertThat(status(job("RUNNING", CHECKPOINT, fresh, null), slot(false)).verdict())
                .contains("the last checkpoint failed");
        assertThat(status(job("RUNNING", CHECKPOINT, FAILURE, FAILURE), slot(false))
                        .isFine())
                .isTrue();
    }

    @Test
    void a_slot_that_is_gone_or_lost_is_a_problem_once_the_pipeline_had_one() {
        CaptureReport none = new CaptureReport(null, List.of());
        assertThat(status(job("RUNNING", CHECKPOINT, null, null), none).verdict())
                .contains("does not exist");
        assertThat(status(job("RUNNING", null, null, null), none).isFine()).isTrue();
        assertThat(status(job("RUNNING", CHECKPOINT, null, null), slot(true)).verdict())
                .contains("invalidated");
    }

    @ParameterizedTest
    @CsvSource({"-5, 0 s", "119, 119 s", "120, 2 min", "7200, 2 h 0 min", "172799, 47 h 59 min", "176400, 2 d 1 h"})
    void durations(long seconds, String text) {
        assertThat(StatusText.duration(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1610612736, 1.5 GiB", "-2048, -2.0 KiB"})
    void sizes(long bytes, String text) {
        assertThat(StatusText.bytes(bytes)).isEqualTo(text);
    }
}
