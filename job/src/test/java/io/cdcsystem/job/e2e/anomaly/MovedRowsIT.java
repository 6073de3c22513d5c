package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.testbed.load.Audit;
import io.cdcsystem.testbed.verify.TopicEvent;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows that go from a chunk that was read to one that was not, and the other way round, while the reader is held between. */
@Tag("S2")
@Tag("S3")
@Tag("S5")
class MovedRowsIT {
    private static final int ROWS = 60;

    @Test
    void G_a_row_whose_primary_key_moves_it_to_another_chunk_is_neither_lost_nor_doubled() throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres());
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a text, hold gate, " + Audit.VERSION_COLUMN + ")",
                "INSERT INTO t SELECT i * 10, 'first', CASE WHEN i = 35 THEN '(t)'::gate END"
                        + " FROM generate_series(1, " + ROWS + ") i");
        database.watch("t", "id");
        try (AnomalyPipeline pipeline = pipeline(database, "t")) {
            try (Session hold = pipeline.startHeldWithin("t", 1)) {
                pipeline.awaitCount("t", 10);
                moveKeys(database, 50, 560, 60, 570);
                pipeline.checkpoint();
                pipeline.kill();
                moveKeys(database, 70, 580, 80, 590);
                // There and back: the first generation read it where it is again, the second reads it nowhere.
                database.execute("UPDATE t SET id = 50 WHERE id = 565", "UPDATE t SET id = 560 WHERE id = 55");
                pipeline.start(1);
                pipeline.awaitHeldAt("gate");
                moveKeys(database, 90, 600, 100, 510);
            }
            pipeline.verify("t", "id");
        }
    }

    /** From read to unread, from unread to read, within the read, within the unread; each by 5 beside the other's place. */
    private static void moveKeys(TestDatabase database, int read, int unread, int alsoRead, int alsoUnread)
            throws Exception {
        database.execute(
                move(read, unread + 5),
                move(unread, read + 5),
                move(alsoRead, alsoRead + 5),
                move(alsoUnread, alsoUnread + 5),
                move(read + 5, read + 6),
                "UPDATE t SET a = 'moved' WHERE id IN (" + (unread + 5) + ", " + (alsoRead + 5) + ")");
        database.execute(move(read + 6, read + 5));
    }

    private static String move(int from, int to) {
        return "UPDATE t SET id = " + to + " WHERE id = " + from;
    }

    @Test
    void G_a_row_that_moves_to_another_partition_is_neither_lost_nor_doubled() throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres());
        database.execute(
                "CREATE TABLE p (id int, part int, a text, hold gate, " + Audit.VERSION_COLUMN
                        + ", PRIMARY KEY (id, part)) PARTITION BY LIST (part)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
                "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)",
                "INSERT INTO p SELECT i, 1 + i % 2, 'first', CASE WHEN i = 35 THEN '(t)'::gate END"
                        + " FROM generate_series(1, " + ROWS + ") i");
        database.watch("p", "id", "part");
        try (AnomalyPipeline pipeline = pipeline(database, "p")) {
            try (Session hold = pipeline.startHeldWithin("p", 1)) {
                movePartition(database, 1);
                pipeline.checkpoint();
                pipeline.kill();
                movePartition(database, 2);
                pipeline.start(2);
                pipeline.awaitHeldAt("gate");
                movePartition(database, 3);
            }
            pipeline.verify("p", "id", "part");
        }
    }

    /** The rows that are {@code step} behind a multiple of ten, and some that an earlier step moved. */
    private static void movePartition(TestDatabase database, int step) throws Exception {
        database.execute(
                "UPDATE p SET part = 3 - part WHERE id % 10 = " + step,
                "UPDATE p SET part = 3 - part, a = 'again' WHERE id % 20 = " + (step - 1),
                "UPDATE p SET a = 'moved' WHERE id % 10 = " + step);
    }

    @Test
    void G_a_row_without_key_that_moves_to_another_block_is_neither_lost_nor_doubled() throws Exception {
        TestDatabase database = keyless();
        try (AnomalyPipeline pipeline = pipeline(database, "k")) {
            try (Session hold = pipeline.startHeldWithin("k", 1)) {
                String places = places(database);
                database.execute(
                        "UPDATE k SET a = repeat('y', 400) || id WHERE id IN (1, 2, 30, 59, 60)",
                        "DELETE FROM k WHERE id IN (3, 58)",
                        "INSERT INTO k VALUES (100, 'new', NULL)");
                assertThat(places(database)).as("blocks of the moved rows").isNotEqualTo(places);
            }
            pipeline.awaitFence();
            pipeline.await("the rows of the table", () -> counted(pipeline).equals(stored(database)));
        }
    }

    @Test
    void G_a_row_without_key_that_moves_to_another_block_is_not_lost_when_the_job_is_killed_meanwhile()
            throws Exception {
        TestDatabase database = keyless();
        try (AnomalyPipeline pipeline = pipeline(database, "k")) {
            try (Session hold = pipeline.startHeldWithin("k", 1)) {
                database.execute(
                        "UPDATE k SET a = repeat('y', 400) || id WHERE id IN (1, 2, 30, 59, 60)",
                        "DELETE FROM k WHERE id IN (3, 58)");
                pipeline.checkpoint();
                pipeline.kill();
                database.execute("UPDATE k SET a = repeat('z', 400) || id WHERE id IN (2, 4, 31, 57, 60)");
                pipeline.start(2);
                pipeline.awaitHeldAt("gate");
                database.execute("UPDATE k SET a = repeat('u', 400) || id WHERE id IN (5, 32, 56, 60)");
            }
            pipeline.awaitFence();
            // Without a key nothing tells a row from its double; what a second generation read again stays.
            pipeline.await("the rows of the table", () -> {
                Map<String, Integer> counted = counted(pipeline);
                return stored(database).keySet().stream().allMatch(row -> counted.getOrDefault(row, 0) >= 1);
            });
        }
    }

    private static TestDatabase keyless() throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres());
        database.execute(
                "CREATE TABLE k (id int, a text, hold gate) WITH (autovacuum_enabled = off)",
                "ALTER TABLE k REPLICA IDENTITY FULL",
                "INSERT INTO k SELECT i, repeat('x', 400), CASE WHEN i = 35 THEN '(t)'::gate END"
                        + " FROM generate_series(1, " + ROWS + ") i");
        return database;
    }

    private static String places(TestDatabase database) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT string_agg((ctid::text::point)[0]::text, ',' ORDER BY id) FROM k WHERE id IN (1, 2, 30)")) {
            row.next();
            return row.getString(1);
        }
    }

    /** How often each row is there for a consumer that adds and takes away, in whatever order. */
    private static Map<String, Integer> counted(AnomalyPipeline pipeline) {
        Map<String, Integer> rows = new TreeMap<>();
        for (TopicEvent event : pipeline.events("k")) {
            JsonNode value = event.value();
            if (value != null) {
                count(rows, value.path("after"), 1);
                count(rows, value.path("before"), -1);
            }
        }
        rows.values().removeIf(count -> count == 0);
        return rows;
    }

    private static void count(Map<String, Integer> rows, JsonNode row, int by) {
        if (row.isObject()) {
            rows.merge(row.path("id").asText() + " " + row.path("a").asText(), by, Integer::sum);
        }
    }

    private static Map<String, Integer> stored(TestDatabase database) throws Exception {
        Map<String, Integer> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id || ' ' || a FROM k")) {
            while (row.next()) {
                rows.merge(row.getString(1), 1, Integer::sum);
            }
        }
        return rows;
    }

    private static AnomalyPipeline pipeline(TestDatabase database, String table) {
        return new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, Settings.DEFAULT, table);
    }
}
