package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.verify.TopicEvent;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that share a log position, and a job that dies between two of them. */
@Tag("S5")
@Tag("L5")
class CopyKilledIT {
    private static final int ROWS = 1000;
    /** Rows from here on are held on their way to the reader. */
    private static final int HELD_FROM = 700;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SAVEPOINT_AND_RESCALE")
    void C_a_copy_of_1000_rows_killed_behind_a_checkpoint_between_two_of_them_is_published_once(Interruption death)
            throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database);
                Session copy = database.session()) {
            pipeline.start(2).awaitStreaming();
            // The reader begins a session in text form at a type's first sight that it does not know; it could not
            // while the old one is
            // held.
            database.execute("INSERT INTO c VALUES (0, 'warm')");
            pipeline.awaitCount("c", 1);
            copy.copy("c", rows(1, HELD_FROM));
            try (Session hold = database.holdRows()) {
                copy.commit();
                pipeline.awaitHeldAt("gate");
                pipeline.await("a checkpoint within the transaction", () -> pipeline.count("c") > 1);
                assertThat(pipeline.count("c")).as("published of %s rows", ROWS).isLessThan(ROWS);
                death.strike(pipeline, 3);
            }
            awaitAllOnce(pipeline, ROWS);
        }
    }

    @Test
    void C_copies_of_1000_rows_killed_anywhere_are_published_once() throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database)) {
            pipeline.start(2).awaitStreaming();
            database.execute("INSERT INTO c VALUES (0, 'warm')");
            int rounds = 4;
            for (int round = 0; round < rounds; round++) {
                long before = (long) round * ROWS;
                try (Session copy = database.session()) {
                    copy.copy("c", rows(round * ROWS + 1, Integer.MAX_VALUE));
                    copy.commit();
                }
                if (round % 2 == 1) {
                    pipeline.await("the first rows", () -> pipeline.countUncommitted("c") > before);
                }
                (round < 2 ? Interruption.LOSS_OF_TASK_MANAGER : Interruption.LOSS_OF_JOB_MASTER).strike(pipeline, 2);
                pipeline.awaitRunning();
            }
            awaitAllOnce(pipeline, rounds * ROWS);
        }
    }

    private static TestDatabase create() throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres());
        // Out of line and uncompressed: large for the pipeline, small in the table's own pages, which the log speaks
        // of.
        database.execute(
                "CREATE TABLE c (id int PRIMARY KEY, a text, hold gate)",
                "ALTER TABLE c ALTER COLUMN a SET STORAGE EXTERNAL");
        return database;
    }

    private static AnomalyPipeline pipeline(TestDatabase database) {
        return new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, Settings.DEFAULT, "c");
    }

    private static String rows(int first, int heldFrom) {
        StringBuilder text = new StringBuilder();
        String payload = "x".repeat(4000);
        for (int id = first; id < first + ROWS; id++) {
            text.append(id).append('\t').append(payload).append('\t').append(id < heldFrom ? "\\N" : "(t)");
            text.append('\n');
        }
        return text.toString();
    }

    private static void awaitAllOnce(AnomalyPipeline pipeline, int rows) throws Exception {
        pipeline.awaitCount("c", rows + 1);
        pipeline.awaitFence();
        List<TopicEvent> events = pipeline.events("c");
        assertThat(events.stream().map(event -> event.key().path("id").asInt()).sorted())
                .as("every row once")
                .isEqualTo(IntStream.rangeClosed(0, rows).boxed().toList());
        assertThat(events).allMatch(event -> event.value().path("op").asText().equals("c"));
        assertThat(events.stream()
                        .map(event -> event.value().path("source").path("lsn").asLong())
                        .distinct()
                        .count())
                .as("rows share log positions")
                .isLessThan(rows / 10);
    }
}
