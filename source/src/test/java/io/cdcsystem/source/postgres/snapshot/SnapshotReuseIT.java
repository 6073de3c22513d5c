package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.postgres.PostgresFixture;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.testbed.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One session reads chunk after chunk of a snapshot, and stands in nobody's way longer than a chunk. */
@Tag("S3")
class SnapshotReuseIT {
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static PostgresFixture table() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 1000)");
        return pg;
    }

    /** The sessions that have the table locked. */
    private static String holders(PostgresFixture pg) throws SQLException {
        return pg.single("SELECT coalesce(string_agg(DISTINCT pid::text, ','), '') FROM pg_locks WHERE granted"
                + " AND pid <> pg_backend_pid() AND relation = 't'::regclass");
    }

    private static void awaitNoHolder(PostgresFixture pg) {
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> holders(pg).isEmpty());
    }

    @Test
    void one_session_reads_all_chunks_of_a_snapshot_until_it_is_released() throws Exception {
        PostgresFixture pg = table();
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(100);
            chunks.read(ranges.get(0));
            String session = holders(pg);
            assertThat(session).isNotEmpty().doesNotContain(",");
            for (ChunkRange range : ranges.subList(1, 10)) {
                assertThat(chunks.read(range)).hasSize(100);
                assertThat(holders(pg)).isEqualTo(session);
            }
            chunks.database.releaseSnapshot();
            awaitNoHolder(pg);
            pg.execute("INSERT INTO t VALUES (2000)");
            assertThat(chunks.read(ChunkRange.ALL)).hasSize(1000);
            chunks.nextGeneration(2);
            assertThat(chunks.read(ChunkRange.ALL)).hasSize(1001);
            assertThat(holders(pg)).doesNotContain(",");
        }
        awaitNoHolder(pg);
    }

    @Test
    void session_of_a_chunk_that_was_not_read_to_its_end_is_not_kept() throws Exception {
        PostgresFixture pg = table();
        try (Chunks chunks = Chunks.of(pg)) {
            ChunkOpening opening = chunks.open(ChunkRange.ALL);
            try (ChunkReader reader = ((ChunkOpening.Opened) opening).reader()) {
                assertThat(reader.next(1)).hasSize(1);
            }
            awaitNoHolder(pg);
            assertThat(chunks.read(ChunkRange.ALL)).hasSize(1000);
        }
    }

    @Test
    void broken_idle_session_is_replaced() throws Exception {
        PostgresFixture pg = table();
        try (Chunks chunks = Chunks.of(pg)) {
            chunks.read(ChunkRange.ALL);
            pg.single("SELECT pg_terminate_backend(" + holders(pg) + ", 10000)");
            assertThat(chunks.read(ChunkRange.ALL)).hasSize(1000);
        }
    }

    @Test
    void waiting_alter_table_gets_its_lock_before_the_next_chunk() throws Exception {
        PostgresFixture pg = table();
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(100);
            chunks.read(ranges.get(0));
            CompletableFuture<Void> altered = CompletableFuture.runAsync(() -> alter(pg));
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> !pg.single(
                            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass")
                    .equals("0"));
            assertThat(chunks.change(ranges.get(1))).contains("added integer");
            altered.get(30, TimeUnit.SECONDS);
        }
    }

    private static void alter(PostgresFixture pg) {
        try (Connection connection = pg.server().connect(pg.database());
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE t ADD COLUMN added int");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
