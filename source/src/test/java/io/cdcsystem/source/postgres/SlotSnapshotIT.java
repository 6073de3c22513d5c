package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.testbed.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The snapshot that a new slot exports, as the server builds it from the log. */
@Tag("S2")
class SlotSnapshotIT {

    @Test
    void transactions_rolled_back_while_the_slot_is_created_leave_a_snapshot_that_can_be_read() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            PostgresFixture pg = PostgresFixture.on(server);
            pg.execute("CREATE TABLE t (id int PRIMARY KEY)");
            pg.execute("INSERT INTO t VALUES (1)");
            try (Database database = pg.config("public.t").open();
                    Connection first = server.connect(pg.database());
                    Connection second = server.connect(pg.database());
                    Connection third = server.connect(pg.database())) {
                Running one = begin(first);
                CompletableFuture<LogStart> creating = CompletableFuture.supplyAsync(
                        () -> database.start(database.discoverTables(), new StartFrom.Snapshot(1, null)));
                // The server waits in two steps, each for what was open at its beginning.
                Awaitility.await().until(() -> isWaitedFor(pg, one));
                Running two = begin(second);
                first.rollback();
                Awaitility.await().until(() -> isWaitedFor(pg, two));
                Running three = begin(third);
                second.rollback();

                try (GenerationSession session =
                        Objects.requireNonNull(creating.get().session())) {
                    Visibility seen = session.generation().visibility();
                    assertThat(seen.sees(one.transaction())).isTrue();
                    assertThat(seen.sees(three.transaction())).isFalse();
                    assertThat(seen.xmin()).isEqualTo(three.transaction());
                }
            }
        }
    }

    private record Running(long backend, long transaction) {}

    /** Gives the connection a transaction with an id. */
    private static Running begin(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid(), pg_current_xact_id()")) {
            row.next();
            return new Running(row.getLong(1), row.getLong(2));
        }
    }

    private static boolean isWaitedFor(PostgresFixture pg, Running running) throws Exception {
        return pg.single("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walsender' AND "
                        + running.backend() + " = ANY (pg_blocking_pids(pid)))")
                .equals("t");
    }
}
