package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.cdcsystem.job.command.Cdc;
import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code ./cdc status} beside a real {@code ./cdc run}, from before its start until after its death. */
@Tag("S2")
class StatusCommandIT {
    private static final int ROWS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

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
                                && told.json.path("log").path("bytesBehind").asLong(-1) == 0
                                // Flink answers this one from a cache of 3 s.
                                && told.json.path("checkpoint").path("id").asLong() > 0);
                assertThat(read.json.path("job").path("state").asText()).isEqualTo("RUNNING");
                assertThat(read.json.path("job").path("restarts").asLong()).isZero();
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
                assertSnapshotIsTold(job, postgres, database);

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

    /** How far a table is, while its rows are read again and the readers are held behind the first of them. */
    private void assertSnapshotIsTold(CdcProcess job, PostgresServer postgres, String database) throws Exception {
        postgres.execute(database, """
                CREATE FUNCTION held(id int) RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                    IF id > 100 AND current_query() LIKE 'COPY%' THEN
                        PERFORM pg_advisory_xact_lock_shared(4711);
                    END IF;
                    RETURN true;
                END $$""", "ANALYZE goods");
        try (Connection gate = postgres.connect(database);
                Statement statement = gate.createStatement()) {
            gate.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(4711)");
            resnapshot("public.goods", "--where", "held(id)");
            Told reading = await(
                    job,
                    told -> told.table("public.goods").path("run").asLong() == 2
                            && told.table("public.goods").path("rows").asLong() > 0);
            JsonNode goods = reading.table("public.goods");
            assertThat(goods.path("stage").asText()).as(reading.output).isEqualTo("reading");
            assertThat(goods.path("rows").asLong()).isLessThanOrEqualTo(100);
            // The server's guess of what fulfils the condition.
            assertThat(goods.path("rowsEstimated").asLong()).isBetween(1L, (long) ROWS);
            assertThat(goods.path("percent").asLong()).isBetween(1L, 99L);
            assertThat(goods.path("chunksFinished").asLong())
                    .isPositive()
                    .isLessThan(goods.path("chunksPlanned").asLong());
            assertThat(reading.table("public.quiet").path("stage").asText()).isEqualTo("done");
            JsonNode snapshot = reading.json.path("snapshot");
            assertThat(snapshot.path("generation").asLong()).isEqualTo(2);
            assertThat(snapshot.path("tablesFinished").asInt()).isEqualTo(1);
            assertThat(snapshot.path("paused").asBoolean()).isFalse();

            resnapshot("--pause");
            await(job, told -> told.json.path("snapshot").path("paused").asBoolean());
            resnapshot("--resume");
            gate.rollback();
        }
        Told done = await(
                job, told -> told.table("public.goods").path("stage").asText().equals("done"));
        JsonNode goods = done.table("public.goods");
        assertThat(goods.path("run").asLong()).isEqualTo(2);
        assertThat(goods.path("rows").asLong()).isEqualTo(ROWS);
        assertThat(goods.path("percent").asLong()).isEqualTo(100);
        assertThat(goods.path("chunksFinished").asLong())
                .isEqualTo(goods.path("chunksPlanned").asLong());
        assertThat(done.json.path("snapshot").path("tablesFinished").asInt()).isEqualTo(2);
    }

    private void resnapshot(String... arguments) {
        List<String> line = new ArrayList<>(List.of("resnapshot", "-c", file.toString()));
        line.addAll(List.of(arguments));
        assertThat(new CommandLine(new Cdc()).execute(line.toArray(String[]::new)))
                .isZero();
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

        JsonNode table(String name) {
            for (JsonNode table : json.path("snapshot").path("perTable")) {
                if (table.path("table").asText().equals(name)) {
                    return table;
                }
            }
            return MissingNode.getInstance();
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
