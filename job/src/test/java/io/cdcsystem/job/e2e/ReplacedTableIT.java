package io.cdcsystem.job.e2e;

import io.cdcsystem.testbed.SharedServers;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that take a captured one's place, under the pipeline's own publication, which does not publish them. */
@Tag("E3")
@Tag("S9")
class ReplacedTableIT {
    private static final String[] OTHER_COLUMNS = {
        "CREATE TABLE %s (id int PRIMARY KEY, n int, v text)",
        "INSERT INTO %s SELECT i, i, 'new ' || i FROM generate_series(4, 9) i"
    };

    @TempDir
    Path folder;

    @ParameterizedTest(name = "with_event_trigger_{0}")
    @ValueSource(booleans = {true, false})
    void a_table_created_again_with_other_columns_while_running_is_captured_again(boolean trigger) throws Exception {
        try (LocalPipeline pipeline = streaming(trigger)) {
            pipeline.sql("DROP TABLE t");
            pipeline.sql(created("t"));
            pipeline.awaitDone("t", 1);
            requireCaptured(pipeline);
        }
    }

    @ParameterizedTest(name = "with_event_trigger_{0}")
    @ValueSource(booleans = {true, false})
    void a_table_created_again_with_other_columns_while_the_job_is_down_is_captured_again(boolean trigger)
            throws Exception {
        try (LocalPipeline pipeline = streaming(trigger)) {
            pipeline.sql("UPDATE t SET v = 'unread' WHERE id = 2");
            pipeline.stop();
            pipeline.sql("UPDATE t SET v = 'down' WHERE id = 1", "DROP TABLE t");
            pipeline.sql(created("t"));
            pipeline.start();
            pipeline.awaitDone("t", 1);
            requireCaptured(pipeline);

            pipeline.stop();
            pipeline.sql("INSERT INTO t VALUES (60, 1, 'down')");
            pipeline.start();
            pipeline.awaitFolded("t");
        }
    }

    @ParameterizedTest(name = "with_event_trigger_{0}")
    @ValueSource(booleans = {true, false})
    void a_table_swapped_for_another_by_renames_is_captured_in_its_place(boolean trigger) throws Exception {
        try (LocalPipeline pipeline = streaming(trigger)) {
            pipeline.sql(created("t_new"));
            pipeline.sql("ALTER TABLE t RENAME TO t_old", "ALTER TABLE t_new RENAME TO t");
            pipeline.awaitDone("t", 1);
            requireCaptured(pipeline);
        }
    }

    private static void requireCaptured(LocalPipeline pipeline) throws Exception {
        pipeline.awaitFolded("t");
        pipeline.sql(
                "INSERT INTO t VALUES (50, 1, 'log')",
                "UPDATE t SET v = 'log' WHERE id = 4",
                "DELETE FROM t WHERE id = 5",
                "INSERT INTO u VALUES (50, 'log')");
        pipeline.awaitFolded("t");
        pipeline.awaitFolded("u");
        pipeline.await("the new column", () -> pipeline.folded("t", "n").equals(pipeline.rows("t", "id", "n")));
        pipeline.requireOrder();
    }

    private LocalPipeline streaming(boolean trigger) throws Exception {
        LocalPipeline pipeline = new LocalPipeline(folder, SharedServers.postgres(), "t", "u");
        for (String table : new String[] {"t", "u"}) {
            pipeline.sql(
                    "CREATE TABLE " + table + " (id int PRIMARY KEY, v text)",
                    "INSERT INTO " + table + " SELECT i, 'row ' || i FROM generate_series(1, 5) i");
        }
        if (trigger) {
            pipeline.cdc("check", "--install");
        }
        pipeline.start();
        pipeline.awaitRecords("t", 5);
        pipeline.awaitStreaming();
        pipeline.sql("UPDATE t SET v = 'log' WHERE id = 3");
        pipeline.awaitRecords("t", 6);
        return pipeline;
    }

    private static String[] created(String table) {
        String[] statements = OTHER_COLUMNS.clone();
        for (int i = 0; i < statements.length; i++) {
            statements[i] = statements[i].formatted(table);
        }
        return statements;
    }
}
