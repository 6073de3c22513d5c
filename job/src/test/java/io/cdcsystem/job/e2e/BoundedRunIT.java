package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.verify.TopicEvent;
import io.cdcsystem.testbed.verify.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cdc run --bounded --state} again and again: each run publishes what happened since the one before it. */
@Tag("S6")
@Tag("O5")
class BoundedRunIT {
    private static final int ROWS = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static PostgresServer postgres;
    private static KafkaBroker kafka;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServers() {
        postgres = PostgresServer.start();
        kafka = KafkaBroker.startProcess();
    }

    @AfterAll
    static void stopServers() {
        kafka.close();
        postgres.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"at-least-once", "exactly-once"})
    void each_run_publishes_exactly_the_changes_since_the_last_one(String guarantee) throws Exception {
        String database = createTables();
        PipelineFile pipeline = pipeline("again_" + guarantee.charAt(0), database)
                .guarantee(guarantee)
                .chunkSize(10);
        try (TopicReader topics = reader()) {
            runBounded(pipeline);
            List<String> snapshot = published(topics, pipeline);
            assertThat(snapshot).hasSize(ROWS).allMatch(event -> event.startsWith("r "));
            assertThat(savepoints()).hasSize(1);

            change(database);
            runBounded(pipeline);
            assertThat(published(topics, pipeline)).containsExactlyInAnyOrder(CHANGES);

            runBounded(pipeline);
            assertThat(published(topics, pipeline)).isEmpty();

            postgres.execute(database, "UPDATE goods SET stock = 8 WHERE id = 1");
            runBounded(pipeline);
            assertThat(published(topics, pipeline)).containsExactly("u 1");
            assertThat(savepoints()).as("each run replaces the savepoint").hasSize(1);
        }
    }

    @Test
    void a_run_without_end_goes_on_from_a_bounded_one_and_a_bounded_one_from_it() throws Exception {
        String database = createTables();
        PipelineFile pipeline = pipeline("mixed", database);
        try (TopicReader topics = reader()) {
            runBounded(pipeline);
            assertThat(published(topics, pipeline)).hasSize(ROWS);

            change(database);
            try (CdcProcess endless = start(pipeline)) {
                List<String> seen = new ArrayList<>();
                Awaitility.await()
                        .pollInSameThread()
                        .atMost(PATIENCE)
                        .conditionEvaluationListener(condition ->
                                assertThat(endless.isAlive()).as(endless.log()).isTrue())
                        .until(() -> {
                            seen.addAll(published(topics, pipeline));
                            return seen.size() >= CHANGES.length;
                        });
                assertThat(seen).containsExactlyInAnyOrder(CHANGES);
                assertThat(endless.terminate()).as(endless.log()).isZero();
                assertThat(endless.log()).contains("is stopped with savepoint");
            }

            postgres.execute(database, "DELETE FROM goods WHERE id = 1");
            runBounded(pipeline);
            assertThat(published(topics, pipeline)).containsExactly("d 1", "tombstone 1");
        }
    }

    private static final String[] CHANGES = {"c 1000", "u 1", "d 2", "tombstone 2"};

    private static void change(String database) throws Exception {
        postgres.execute(
                database,
                "INSERT INTO goods VALUES (1000, 1)",
                "UPDATE goods SET stock = 7 WHERE id = 1",
                "DELETE FROM goods WHERE id = 2");
    }

    /** One table with rows, and one whose topic never comes to be. */
    private static String createTables() throws Exception {
        String database = postgres.createDatabase();
        postgres.execute(
                database,
                "CREATE TABLE goods (id int PRIMARY KEY, stock int)",
                "CREATE TABLE quiet (id int PRIMARY KEY)",
                "INSERT INTO goods SELECT i, 0 FROM generate_series(1, " + ROWS + ") i");
        return database;
    }

    private static PipelineFile pipeline(String name, String database) {
        return PipelineFile.of(name, postgres, database, kafka, List.of("public.goods", "public.quiet"));
    }

    private static TopicReader reader() {
        return new TopicReader(kafka.bootstrapServers(), true, TopicReader::json);
    }

    private CdcProcess start(PipelineFile pipeline, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "-c"));
        arguments.add(pipeline.write(folder).toString());
        arguments.addAll(List.of("--web-port", "0", "--state"));
        arguments.add(folder.resolve("state").toString());
        arguments.addAll(List.of(more));
        return CdcProcess.start(folder, "1g", arguments);
    }

    private void runBounded(PipelineFile pipeline) throws Exception {
        try (CdcProcess job = start(pipeline, "--bounded")) {
            assertThat(job.await()).as(job.log()).isZero();
            assertThat(job.log()).contains("is finished with savepoint");
        }
    }

    /** What came since the last call, as operation and key. */
    private static List<String> published(TopicReader topics, PipelineFile pipeline) {
        List<String> events = new ArrayList<>();
        topics.readToEnd(pipeline.topics(), event -> events.add(text(event)));
        return events;
    }

    private static String text(TopicEvent event) {
        return (event.value() == null ? "tombstone" : event.value().path("op").asText()) + " " + event.keyText();
    }

    private List<Path> savepoints() throws IOException {
        try (Stream<Path> kept = Files.list(folder.resolve("state").resolve("savepoints"))) {
            return kept.toList();
        }
    }
}
