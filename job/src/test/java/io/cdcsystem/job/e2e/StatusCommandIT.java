package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./cdc status} beside a real {@code ./cdc run}, from before its start until after its death. */
@Tag("S2")
class StatusCommandIT {
    private static final int ROWS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private Path file;
    private Path state;

    @Test
    void what_it_tells_agrees_with_what_the_pipeline_does() throws Exception {
        try (PostgresServer postgres = PostgresServer.start();
                KafkaBroker kafka = KafkaBroker.startProcess()) {
            String database = postgres.createDatabase();
            postgres.execute(
                    database,
                    "CREATE TABLE goods (id int PRIMARY KEY, stock int)",
                    "CREATE TABLE quiet (id int PRIMARY KEY)",
                    "INSERT INTO goods SELECT i, 0 FROM generate_series(1, " + ROWS + ") i");
            PipelineFile pipeline = PipelineFile.of(
                            "status_" + database, postgres, database, kafka, List.of("public.goods", "public.quiet"))
                    .chunkSize(20);
            file = pipeline.write(folder);
            state = folder.resolve("state");

            Told before = status();
            assertThat(before.exitCode).as(before.output).isEqualTo(1);
            assertThat(before.problem()).contains("no cdc run is using the state folder");
            assertThat(before.slot("exists").asBoolean()).isFalse();

            try (CdcProcess job = CdcProcess.run(folder, file, state, 2)) {
                Told read = await(
                        job,
                        told -> told.exitCode == 0
                                && told.published() == ROWS
                                && told.slot("active").asBoolean()
                                && told.json.path("log").path("bytesBehind").asLong(-1) == 0);
                assertThat(read.json.path("job").path("state").asText()).isEqualTo("RUNNING");
                assertThat(read.json.path("job").path("restarts").asLong()).isZero();
                assertThat(read.json.path("checkpoint").path("id").asLong()).isPositive();
                JsonNode snapshot = read.json.path("snapshot");
                assertThat(snapshot.path("tables").asInt()).isEqualTo(2);
                assertThat(snapshot.path("tablesFinished").asInt()).isEqualTo(2);
                assertThat(snapshot.path("chunksFinished").asInt())
                        .isGreaterThan(2)
                        .isEqualTo(snapshot.path("chunksPlanned").asInt());
                assertThat(read.slot("name").asText()).isEqualTo(pipeline.name());
                assertThat(read.slot("confirmedLsn").asText()).contains("/");
                assertThat(read.slot("retainedBytes").asLong(-1)).isNotNegative();

                postgres.execute(database, "UPDATE goods SET stock = 1 WHERE id <= 30");
                Told changed = await(job, told -> told.published() == ROWS + 30);
                assertThat(changed.json.path("log").path("lastCommitLagMillis").asLong())
                        .isBetween(1L, PATIENCE.toMillis());
                assertText(job);

                killUnderWatch(job);
                Told dead = status();
                assertThat(dead.exitCode).as(dead.output).isEqualTo(1);
                assertThat(dead.problem()).contains("no Flink cluster answers at http://127.0.0.1:");
                assertThat(dead.slot("exists").asBoolean()).isTrue();
            }

            postgres.kill();
            try (CdcProcess job = CdcProcess.run(folder, file, state, 2)) {
                Told failing = await(job, told -> !told.json
                        .path("job")
                        .path("lastFailure")
                        .path("message")
                        .asText("")
                        .isEmpty());
                assertThat(failing.exitCode).as(failing.output).isEqualTo(1);
                assertThat(failing.problem()).contains("connecting to PostgreSQL");
                assertThat(failing.slot("error").asText()).contains("connecting to PostgreSQL");
            }
        }
    }

    /** For people, and by the address instead of by the folder. */
    private void assertText(CdcProcess job) throws Exception {
        String address = Files.readString(state.resolve("rest-address")).strip();
        try (CdcProcess status = CdcProcess.start(
                folder, "256m", List.of("status", "-c", file.toString(), "--target", address.replace("http://", "")))) {
            assertThat(status.await()).as(status.log() + job.log()).isZero();
            assertThat(status.log())
                    .contains(": running\n", "RUNNING for", "2 of 2 tables read", (ROWS + 30) + " events", "active");
        }
    }

    /** A watch tells again and again, a document a line, and ends with the job. */
    private void killUnderWatch(CdcProcess job) throws Exception {
        try (CdcProcess watch = CdcProcess.start(
                folder,
                "256m",
                List.of("status", "-c", file.toString(), "--state", state.toString(), "--json", "--watch"))) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> watch.log()
                                    .lines()
                                    .filter(line -> line.startsWith("{") && line.contains("\"fine\":true"))
                                    .count()
                            >= 2);
            job.kill();
            assertThat(watch.await()).as(watch.log()).isEqualTo(1);
            assertThat(watch.log().lines().reduce("", (before, line) -> line)).contains("\"fine\":false");
        }
    }

    private record Told(int exitCode, String output, JsonNode json) {
        String problem() {
            return json.path("problems").path(0).path("message").asText();
        }

        long published() {
            return json.path("published").path("events").asLong(-1);
        }

        JsonNode slot(String field) {
            return json.path("slot").path(field);
        }
    }

    private Told await(CdcProcess job, Predicate<Told> expected) {
        List<Told> last = new ArrayList<>();
        return Awaitility.await()
                .pollInSameThread()
                .atMost(PATIENCE)
                .conditionEvaluationListener(condition ->
                        assertThat(job.isAlive()).as(() -> job.log() + last).isTrue())
                .until(
                        () -> {
                            Told told = status();
                            last.clear();
                            last.add(told);
                            return told;
                        },
                        expected);
    }

    private Told status() throws Exception {
        try (CdcProcess status = CdcProcess.start(
                folder, "256m", List.of("status", "-c", file.toString(), "--state", state.toString(), "--json"))) {
            int exitCode = status.await();
            String output = status.log();
            // Whatever is logged stands before the document.
            return new Told(exitCode, output, new ObjectMapper().readTree(output.substring(output.indexOf("\n{") + 1)));
        }
    }
}
