package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.split.SourceEpoch;
import io.cdcsystem.testbed.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.replication.LogSequenceNumber;

/** Where the rows of a generation stand that is opened while the log is being read. */
@Tag("S8")
@Tag("S9")
class GenerationBoundIT {
    private static final SourceEpoch EPOCH = new SourceEpoch(2, "any/1");

    private PostgresServer server;
    private PostgresFixture pg;

    @BeforeEach
    void startServer() throws Exception {
        server = PostgresServer.start();
        pg = StartModesIT.withTable(server);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void rows_stand_above_all_that_had_committed_and_below_all_that_had_not() throws Exception {
        pg.execute("INSERT INTO t VALUES (1)");
        long before = end();
        try (Connection idle = server.connect(pg.database());
                Statement statement = idle.createStatement()) {
            idle.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2)");
            Generation generation = open(pg.config("public.t"));
            assertThat(generation.number()).isEqualTo(9);
            assertThat(generation.position().epoch()).isEqualTo(2);
            assertThat(generation.position().commit()).isBetween(before, end());
            assertThat(generation.visibility().sees(transaction(statement))).isFalse();
        }
    }

    @Test
    void running_statement_that_waits_for_no_standby_holds_nothing_down() throws Exception {
        try (Connection running = server.connect(pg.database());
                Statement statement = running.createStatement()) {
            running.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2)");
            CompletableFuture<Void> sleeping = execute(statement, "SELECT pg_sleep(60)");
            awaitActivity("wait_event = 'PgSleep'");
            long before = end();
            assertThat(open(pg.config("public.t")).position().commit()).isGreaterThanOrEqualTo(before - 1);
            statement.cancel();
            sleeping.handle((done, cancelled) -> true).get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void rows_stand_below_a_commit_that_is_logged_but_waits_for_a_standby() throws Exception {
        try (Connection waiting = server.connect(pg.database());
                Statement statement = waiting.createStatement()) {
            waiting.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2)");
            long transaction = transaction(statement);
            server.holdCommits();
            long before = end();
            CompletableFuture<Void> committing = execute(statement, "COMMIT");
            awaitActivity("wait_event = 'SyncRep'");
            assertThat(end()).as("the commit is in the log").isGreaterThan(before);
            Generation generation = open(pg.config("public.t"));
            assertThat(generation.visibility().sees(transaction)).isFalse();
            assertThat(generation.position().commit()).isLessThan(before);
            server.releaseCommits();
            committing.get(30, TimeUnit.SECONDS);
            assertThat(open(pg.config("public.t")).visibility().sees(transaction))
                    .isTrue();
        }
    }

    @Test
    void role_that_cannot_see_who_waits_takes_the_lowest_place() throws Exception {
        pg.execute("CREATE ROLE plain LOGIN PASSWORD 'secret'");
        try (Connection running = server.connect(pg.database());
                Statement statement = running.createStatement()) {
            running.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2)");
            server.holdCommits();
            assertThat(open(pg.configAs("plain", "secret", "public.t"))
                            .position()
                            .commit())
                    .isZero();
            long before = end();
            server.execute(pg.database(), "SET synchronous_commit TO local; GRANT pg_read_all_stats TO plain");
            assertThat(open(pg.configAs("plain", "secret", "public.t"))
                            .position()
                            .commit())
                    .isGreaterThanOrEqualTo(before - 1);
        }
    }

    private static Generation open(PostgresConfig config) {
        try (Database database = config.open();
                GenerationSession session = database.openGeneration(EPOCH, null, 9)) {
            return session.generation();
        }
    }

    private static CompletableFuture<Void> execute(Statement statement, String sql) {
        return CompletableFuture.runAsync(() -> {
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitActivity(String condition) {
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> pg.single(
                        "SELECT count(*) FROM pg_stat_activity WHERE " + condition)
                .equals("1"));
    }

    private static long transaction(Statement statement) throws SQLException {
        try (var row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
            row.next();
            return row.getLong(1);
        }
    }

    private long end() throws SQLException {
        return LogSequenceNumber.valueOf(pg.single("SELECT pg_current_wal_insert_lsn()"))
                .asLong();
    }
}
