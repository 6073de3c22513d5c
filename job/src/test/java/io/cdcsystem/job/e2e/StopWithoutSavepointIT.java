package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM at a job that has no savepoint to give: what is said, and the exit code, are what a new start will find. */
@Tag("S6")
@Tag("O5")
class StopWithoutSavepointIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void a_job_that_never_came_to_a_checkpoint_says_that_nothing_is_left_and_fails() throws Exception {
        try (PostgresServer postgres = PostgresServer.start();
                KafkaBroker kafka = KafkaBroker.startProcess()) {
            PipelineFile pipeline =
                    PipelineFile.of("halted", postgres, postgres.createDatabase(), kafka, List.of("public.t"));
            Path file = pipeline.write(folder);
            postgres.kill();
            try (CdcProcess job = start(file)) {
                // By the fourth failure Flink waits longer between two attempts than the signal takes.
                Awaitility.await().atMost(PATIENCE).until(() -> restarts(job) >= 4 || !job.isAlive());
                long begin = System.nanoTime();
                assertThat(job.terminate()).as(job.log()).isEqualTo(1);
                assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin))
                        .as(job.log())
                        .isLessThan(30);
                assertThat(job.log())
                        .contains("stopped without a savepoint", "no checkpoint was complete yet", "begins anew")
                        .doesNotContain("goes on from");
            }
        }
    }

    private CdcProcess start(Path file) throws Exception {
        return CdcProcess.start(
                folder,
                "1g",
                List.of(
                        "run",
                        "-c",
                        file.toString(),
                        "--state",
                        folder.resolve("state").toString(),
                        "--web-port",
                        "0"));
    }

    private static long restarts(CdcProcess job) {
        return job.log().lines().filter(line -> line.endsWith("; restarting")).count();
    }
}
