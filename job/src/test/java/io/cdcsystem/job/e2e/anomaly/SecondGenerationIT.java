package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.PostgresServer;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A generation that is younger than the slot overlaps with the log. What of it a chunk has read is a matter of visibility
 * alone: no comparison of log positions gives the right answer in any of these.
 */
@Tag("S2")
@Tag("S5")
@Tag("S6")
class SecondGenerationIT {
    private static final int ROWS = 40;

    /** Its own, because its settings and transaction ids are changed. */
    private static PostgresServer postgres;

    @BeforeAll
    static void startServer() {
        postgres = PostgresServer.builder().setting("autovacuum", "off").start();
    }

    @AfterAll
    static void stopServer() {
        postgres.close();
    }

    @Test
    void A_a_commit_in_the_log_that_no_snapshot_sees_yet_is_neither_lost_nor_doubled() throws Exception {
        TestDatabase database = TestDatabase.create(postgres).table("t", ROWS);
        try (AnomalyPipeline pipeline = pipeline(database);
                Session hidden = database.session();
                Session visible = database.session()) {
            killedBeforeTheFirstRow(pipeline);
            Future<?> commit = commitHeldBack(database, hidden);
            // Younger in the log, and seen by every snapshot from now on.
            visible.run("SET LOCAL synchronous_commit = local", "UPDATE t SET a = 'seen' WHERE id IN (6, 36)")
                    .commit();
            pipeline.start(2);
            pipeline.awaitCount("t", ROWS);
            assertThat(commit).as("the commit that nobody sees yet").isNotDone();
            postgres.releaseCommits();
            commit.get();
            pipeline.verify("t", "id");
        } finally {
            postgres.releaseCommits();
        }
    }

    @Test
    @Tag("S8")
    void A_a_table_read_again_while_a_commit_is_in_the_log_and_not_to_be_seen_keeps_what_the_log_said()
            throws Exception {
        TestDatabase database = TestDatabase.create(postgres).table("t", ROWS);
        try (AnomalyPipeline pipeline = pipeline(database);
                Session hidden = database.session()) {
            pipeline.start(2).awaitStreaming();
            Future<?> commit = commitHeldBack(database, hidden);
            pipeline.awaitFence();
            assertThat(pipeline.count("t")).as("rows and the hidden changes").isEqualTo(ROWS + 4);
            pipeline.resnapshot("t");
            pipeline.awaitSnapshotDone("t", 2);
            assertThat(commit).as("the commit that nobody sees yet").isNotDone();
            postgres.releaseCommits();
            commit.get();
            pipeline.verifyHistory("t", "id");
            assertThat(pipeline.events("t").stream()
                            .filter(event -> event.value() != null
                                    && event.value().path("op").asText().equals("r")))
                    .as("rows of both runs, without those that the log knows newer")
                    .hasSize(ROWS + ROWS - 3);
        } finally {
            postgres.releaseCommits();
        }
    }

    private static Future<?> commitHeldBack(TestDatabase database, Session hidden) throws Exception {
        postgres.holdCommits();
        hidden.run(
                "UPDATE t SET a = 'hidden' WHERE id IN (5, 35)",
                "DELETE FROM t WHERE id = 15",
                "INSERT INTO t (id, a) VALUES (1000, 'hidden')");
        Future<?> commit = hidden.commitLater();
        database.await(
                "a commit held back",
                () -> database.number("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid = "
                                + hidden.pid())
                        > 0);
        return commit;
    }

    @Test
    void B_a_key_used_again_with_log_positions_against_the_order_of_commits_survives() throws Exception {
        TestDatabase database = TestDatabase.create(postgres).table("t", ROWS);
        try (AnomalyPipeline pipeline = pipeline(database);
                Session first = database.session();
                Session second = database.session()) {
            pipeline.start(2);
            pipeline.awaitStreaming();
            first.run("DELETE FROM t WHERE id = 1");
            Future<?> insert = second.later("INSERT INTO t (id, a) VALUES (1, 'second')");
            database.awaitBlocked(second);
            first.run("INSERT INTO t (id, a) VALUES (1, 'first')", "DELETE FROM t WHERE id = 1")
                    .commit();
            insert.get();
            second.commit();
            pipeline.verify("t", "id");
            assertThat(database.number("SELECT count(*) FROM t WHERE id = 1")).isOne();
        }
    }

    @Test
    void B_a_key_used_again_around_a_second_generation_survives() throws Exception {
        TestDatabase database = TestDatabase.create(postgres).table("t", ROWS);
        try (AnomalyPipeline pipeline = pipeline(database);
                Session first = database.session();
                Session second = database.session()) {
            killedBeforeTheFirstRow(pipeline);
            first.run("DELETE FROM t WHERE id = 1");
            Future<?> insert = second.later("INSERT INTO t (id, a) VALUES (1, 'second')");
            database.awaitBlocked(second);
            first.run("INSERT INTO t (id, a) VALUES (1, 'first')", "DELETE FROM t WHERE id = 1")
                    .commit();
            insert.get();
            // The generation sees the first one's deletes, and the second's insert, whose record is older, not.
            pipeline.start(2);
            pipeline.awaitCount("t", ROWS - 1);
            second.commit();
            pipeline.verify("t", "id");
            assertThat(pipeline.events("t").stream()
                            .filter(event -> event.keyText().equals("1")))
                    .as("no generation has read the key: two deletes with their tombstones, and two inserts, each once")
                    .hasSize(6);
        }
    }

    @Test
    void D_behind_2_to_the_32_transactions_the_merge_is_as_exact() throws Exception {
        try (PostgresServer old =
                PostgresServer.builder().setting("autovacuum", "off").start()) {
            TestDatabase database = TestDatabase.create(old).table("t", ROWS);
            old.advanceTransactionEpoch();
            assertThat(database.number("SELECT pg_current_xact_id()::text::bigint >> 32"))
                    .isOne();
            longTransactionAroundTheSecondGeneration(database);
        }
    }

    @Test
    void E_a_transaction_that_writes_before_a_chunk_is_read_and_commits_after_younger_ones_is_not_lost()
            throws Exception {
        longTransactionAroundTheSecondGeneration(TestDatabase.create(postgres).table("t", ROWS));
    }

    private static void longTransactionAroundTheSecondGeneration(TestDatabase database) throws Exception {
        try (AnomalyPipeline pipeline = pipeline(database);
                Session old = database.session();
                Session young = database.session()) {
            killedBeforeTheFirstRow(pipeline);
            old.run(
                    "UPDATE t SET a = 'old' WHERE id IN (5, 35)",
                    "DELETE FROM t WHERE id = 15",
                    "INSERT INTO t (id, a) VALUES (1000, 'old')");
            young.run(
                            "UPDATE t SET a = 'young' WHERE id IN (6, 36)",
                            "DELETE FROM t WHERE id = 16",
                            "INSERT INTO t (id, a) VALUES (1001, 'young')")
                    .commit();
            pipeline.start(2);
            pipeline.awaitCount("t", ROWS);
            young.run("UPDATE t SET a = 'younger' WHERE id IN (6, 1001)").commit();
            pipeline.awaitStreaming();
            old.run("UPDATE t SET a = 'oldest' WHERE id = 5").commit();
            young.run("UPDATE t SET a = 'youngest' WHERE id = 5").commit();
            pipeline.verify("t", "id");
        }
    }

    @Test
    void E_a_transaction_open_from_before_the_slot_to_behind_a_kill_is_published_once() throws Exception {
        TestDatabase database = TestDatabase.create(postgres).table("t", ROWS);
        try (AnomalyPipeline pipeline = pipeline(database);
                Session before = database.session();
                Session across = database.session()) {
            before.run("UPDATE t SET a = 'before' WHERE id = 5", "INSERT INTO t (id, a) VALUES (1000, 'before')");
            pipeline.start(2);
            pipeline.awaitWaitsFor(before);
            across.run("UPDATE t SET a = 'across' WHERE id = 6", "INSERT INTO t (id, a) VALUES (1001, 'across')");
            before.commit();
            pipeline.awaitWaitsFor(across);
            across.commit();
            pipeline.awaitCount("t", ROWS + 2);
            across.run("UPDATE t SET a = 'over the kill' WHERE id = 7", "DELETE FROM t WHERE id = 1000");
            database.execute("UPDATE t SET a = 'young' WHERE id = 8");
            pipeline.awaitFence();
            pipeline.checkpoint();
            pipeline.kill();
            database.execute("UPDATE t SET a = 'while down' WHERE id = 9");
            pipeline.start(3);
            pipeline.awaitFence();
            across.commit();
            pipeline.verify("t", "id");
        }
    }

    private static AnomalyPipeline pipeline(TestDatabase database) {
        return new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, Settings.DEFAULT, "t");
    }

    /** Starts, and kills when a first generation is open and nothing of {@code t} is read: all of it comes under the second. */
    private static void killedBeforeTheFirstRow(AnomalyPipeline pipeline) throws Exception {
        try (Session lock = pipeline.startHeldAt("t", 2)) {
            pipeline.awaitHeldAt("t");
            pipeline.checkpoint();
            assertThat(pipeline.count("t")).isZero();
            pipeline.kill();
        }
    }
}
