package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.SharedServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each {@code snapshot.mode} reads, and what it leaves behind. */
@Tag("S1")
class StartupModesIT {
    private static final int ROWS = 50;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void initial_only_ends_by_itself_with_every_row_and_leaves_nothing_on_the_server(boolean withState)
            throws Exception {
        try (LocalPipeline pipeline = pipeline("initial_only")) {
            List<String> arguments = new java.util.ArrayList<>(
                    List.of("run", "-c", pipeline.file().toString(), "--web-port", "0"));
            if (withState) {
                arguments.addAll(List.of("--state", folder.resolve("state").toString()));
            }
            try (CdcProcess job = CdcProcess.start(folder, "1g", arguments)) {
                assertThat(job.await()).as(job.log()).isZero();
                assertThat(job.log()).contains("is finished").doesNotContain("savepoint");
            }
            assertThat(pipeline.texts("t"))
                    .hasSize(ROWS)
                    .doesNotHaveDuplicates()
                    .allMatch(text -> text.startsWith("r "));
            assertThat(pipeline.folded("t", "v")).isEqualTo(pipeline.rows("t", "id", "v"));
            assertThat(pipeline.number("SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_name = '"
                            + pipeline.name() + "') + (SELECT count(*) FROM pg_publication)"))
                    .isZero();
        }
    }

    @Test
    void no_data_brings_only_what_is_changed_from_its_start_on() throws Exception {
        try (LocalPipeline pipeline = pipeline("no_data")) {
            pipeline.start();
            pipeline.awaitStreaming();
            change(pipeline);
            pipeline.await("the changes", () -> pipeline.events("t").size() >= CHANGES.length);
            assertThat(pipeline.texts("t")).containsExactlyInAnyOrder(CHANGES);
            pipeline.stop();

            pipeline.sql("INSERT INTO t VALUES (101, 'down')");
            pipeline.start();
            pipeline.awaitRecords("t", CHANGES.length + 1);
            assertThat(pipeline.texts("t", CHANGES.length)).containsExactly("c 101");
            pipeline.requireOrder();
        }
    }

    @Test
    void from_position_brings_what_was_committed_since() throws Exception {
        try (LocalPipeline pipeline = pipeline("from_position")) {
            pipeline.sql("CREATE PUBLICATION " + pipeline.name() + " FOR TABLE t");
            try (Connection connection = pipeline.connect();
                    Statement statement = connection.createStatement();
                    ResultSet slot = statement.executeQuery("SELECT lsn FROM pg_create_logical_replication_slot('"
                            + pipeline.name() + "', 'pgoutput')")) {
                slot.next();
                pipeline.set("snapshot", "position", slot.getString(1));
            }
            change(pipeline);
            pipeline.start();
            pipeline.awaitRecords("t", CHANGES.length);
            assertThat(pipeline.texts("t")).containsExactlyInAnyOrder(CHANGES);
            pipeline.stop();

            // With state, the position counts no more.
            pipeline.sql("UPDATE t SET v = 'more' WHERE id = 1");
            pipeline.start();
            pipeline.awaitRecords("t", CHANGES.length + 1);
            assertThat(pipeline.texts("t", CHANGES.length)).containsExactly("u 1");
            pipeline.requireOrder();
        }
    }

    @Test
    void when_needed_converges_after_the_slot_is_lost() throws Exception {
        try (LocalPipeline pipeline = pipeline("when_needed")) {
            loseSlot(pipeline);
            int before = pipeline.events("t").size();
            pipeline.start();
            pipeline.awaitFolded("t");
            // Deleted, once a snapshot row and once a change of the log being the last that was seen.
            assertThat(pipeline.texts("t", before))
                    .contains("d 10", "tombstone 10", "d 11", "tombstone 11", "i 40", "i 12");
            pipeline.awaitStreaming();
            pipeline.sql("INSERT INTO t VALUES (10, 'again')", "UPDATE t SET v = 'again' WHERE id IN (12, 40)");
            pipeline.awaitFolded("t");
            pipeline.stop();

            // And it goes on from its new history.
            int mended = pipeline.events("t").size();
            pipeline.sql("DELETE FROM t WHERE id = 40");
            pipeline.start();
            pipeline.awaitRecords("t", mended + 2);
            pipeline.stop();
            assertThat(pipeline.texts("t", mended)).containsExactly("d 40", "tombstone 40");
            pipeline.requireOrder();
        }
    }

    @Test
    @Tag("S9")
    void when_needed_takes_in_tables_that_the_file_gained_and_lets_go_those_it_lost() throws Exception {
        try (LocalPipeline pipeline = pipeline("when_needed")) {
            pipeline.sql(
                    "CREATE TABLE lost (id int PRIMARY KEY, v text)",
                    "CREATE TABLE gained (id int PRIMARY KEY, v text)",
                    "INSERT INTO lost VALUES (1, 'first')",
                    "INSERT INTO gained VALUES (1, 'first')");
            pipeline.capture("t", "lost");
            loseSlot(pipeline);
            pipeline.capture("t", "gained").start();
            pipeline.awaitFolded("gained");
            pipeline.awaitFolded("t");
            pipeline.awaitStreaming();
            pipeline.sql(
                    "UPDATE lost SET v = 'second'", "UPDATE gained SET v = 'second'", "DELETE FROM t WHERE id = 300");
            pipeline.awaitFolded("gained");
            pipeline.awaitFolded("t");
            assertThat(pipeline.texts("lost")).containsExactly("r 1");
            assertThat(pipeline.texts("gained")).hasSize(2);
            pipeline.requireOrder();
        }
    }

    @Test
    void initial_refuses_to_start_after_the_slot_is_lost_and_says_what_to_do() throws Exception {
        try (LocalPipeline pipeline = pipeline("initial")) {
            loseSlot(pipeline);
            int before = pipeline.events("t").size();
            pipeline.start();
            assertThat(pipeline.awaitFailure())
                    .contains("POSITION_LOST", "replication slot " + pipeline.name(), "when_needed");
            assertThat(pipeline.events("t")).hasSize(before);
        }
    }

    private static final String[] CHANGES = {"c 100", "u 1", "d 2", "tombstone 2"};

    private static void change(LocalPipeline pipeline) throws Exception {
        pipeline.sql(
                "INSERT INTO t VALUES (100, 'new')",
                "UPDATE t SET v = 'new' WHERE id = 1",
                "DELETE FROM t WHERE id = 2");
    }

    /** Leaves a stopped pipeline with a savepoint, no slot, and changes that no log will bring. */
    private static void loseSlot(LocalPipeline pipeline) throws Exception {
        pipeline.start();
        pipeline.awaitRecords("t", ROWS);
        pipeline.awaitStreaming();
        pipeline.sql("UPDATE t SET v = 'log' WHERE id IN (11, 12)");
        pipeline.awaitRecords("t", ROWS + 2);
        pipeline.stop();
        // The server sees a moment later that its client has gone.
        pipeline.await(
                "an idle slot",
                () -> pipeline.number("SELECT count(*) FROM pg_replication_slots WHERE NOT active AND slot_name = '"
                                + pipeline.name() + "'")
                        == 1);
        pipeline.sql(
                "SELECT pg_drop_replication_slot('" + pipeline.name() + "')",
                "DELETE FROM t WHERE id IN (10, 11)",
                "UPDATE t SET v = 'gap' WHERE id IN (12, 40)",
                "INSERT INTO t VALUES (300, 'gap')");
    }

    private LocalPipeline pipeline(String mode) throws Exception {
        LocalPipeline pipeline = new LocalPipeline(folder, SharedServers.postgres(), "t").set("snapshot", "mode", mode);
        pipeline.sql(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT i, i FROM generate_series(1, " + ROWS + ") i");
        return pipeline;
    }
}
