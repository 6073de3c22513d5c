package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An old snapshot sees nothing of a file that is younger than it. A table that is truncated or rewritten while its chunks are
 * read has to be read anew, as a further run that deletes what the run before it published and the table has no more.
 */
@Tag("S2")
@Tag("S8")
class RewrittenTableIT {
    private static final int ROWS = 60;

    @ParameterizedTest
    @ValueSource(strings = {"none", "t"})
    void F_a_table_truncated_while_its_chunks_are_read_ends_up_as_it_is(String skippedOperations) throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database, Settings.DEFAULT.skippedOperations(skippedOperations))) {
            inTheMiddleOfTheTable(pipeline, "TRUNCATE t");
            database.execute("INSERT INTO t (id, a, n) SELECT i, 'second', i FROM generate_series(50, 70) i");
            pipeline.verifyState("t", "id");
            database.execute("UPDATE t SET a = 'third' WHERE id > 60", "DELETE FROM t WHERE id < 55");
            pipeline.verifyState("t", "id");
        }
    }

    @Test
    void F_a_table_truncated_and_left_empty_while_its_chunks_are_read_is_empty_in_the_topic() throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database, Settings.DEFAULT)) {
            inTheMiddleOfTheTable(pipeline, "TRUNCATE t");
            pipeline.verifyState("t", "id");
            assertThat(database.number("SELECT count(*) FROM t")).isZero();
        }
    }

    @Test
    void F_a_table_rewritten_while_its_chunks_are_read_ends_up_as_it_is() throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database, Settings.DEFAULT)) {
            inTheMiddleOfTheTable(pipeline, "ALTER TABLE t ALTER COLUMN n TYPE bigint USING n + 1000");
            database.execute(
                    "UPDATE t SET n = 10000000000 WHERE id % 7 = 0",
                    "DELETE FROM t WHERE id IN (5, 55)", "INSERT INTO t (id, a, n) VALUES (1000, 'new', 10000000001)");
            pipeline.verifyState("t", "id");
        }
    }

    @Test
    void F_a_table_rewritten_with_the_same_columns_while_its_chunks_are_read_ends_up_as_it_is() throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database, Settings.DEFAULT)) {
            inTheMiddleOfTheTable(pipeline, "CLUSTER t USING t_pkey");
            database.execute("UPDATE t SET a = 'later' WHERE id % 7 = 0", "DELETE FROM t WHERE id IN (5, 55)");
            pipeline.verifyState("t", "id");
        }
    }

    /** Open: the rows of the first generation stay, since the second one's snapshot does see the new file. */
    @Test
    void F_a_table_truncated_between_two_generations_ends_up_as_it_is() throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database, Settings.DEFAULT)) {
            try (Session hold = pipeline.startHeldWithin("t", 1)) {
                pipeline.awaitCount("t", 10);
                pipeline.checkpoint();
                pipeline.kill();
                hold.close();
                database.execute(
                        "TRUNCATE t",
                        "INSERT INTO t (id, a, n) SELECT i, 'second', i FROM generate_series(20, 70, 3) i");
                pipeline.start(2);
            }
            pipeline.verifyState("t", "id");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "t"})
    void F_a_truncated_table_that_is_read_again_ends_up_as_it_is(String skippedOperations) throws Exception {
        TestDatabase database = create();
        try (AnomalyPipeline pipeline = pipeline(database, Settings.DEFAULT.skippedOperations(skippedOperations))) {
            pipeline.start(2).awaitStreaming();
            database.execute(
                    "TRUNCATE t",
                    "INSERT INTO t (id, a, n) SELECT i, 'second', i FROM generate_series(20, 70, 3) i",
                    "DELETE FROM t WHERE id = 50");
            pipeline.resnapshot("t");
            pipeline.awaitFence();
            pipeline.awaitSnapshotDone("t", 2);
            pipeline.verifyState("t", "id");
        }
    }

    private static TestDatabase create() throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres());
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a text, n int, hold gate)",
                "INSERT INTO t SELECT i, 'first', i, CASE WHEN i = 35 THEN '(t)'::gate END"
                        + " FROM generate_series(1, " + ROWS + ") i");
        return database;
    }

    private static AnomalyPipeline pipeline(TestDatabase database, Settings settings) {
        return new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, settings, "t");
    }

    /** The statement waits for the chunk that is being read, and the next chunk waits for the statement. */
    private static void inTheMiddleOfTheTable(AnomalyPipeline pipeline, String sql) throws Exception {
        try (Session hold = pipeline.startHeldWithin("t", 1);
                Session session = pipeline.database().session()) {
            pipeline.awaitCount("t", 10);
            Future<?> done = session.later(sql);
            pipeline.database().awaitBlocked(session);
            hold.close();
            done.get();
            session.commit();
        }
    }
}
