package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.source.database.Database;
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
                    Connection running = server.connect(pg.database());
                    Connection second = server.connect(pg.database())) {
                long pid = begin(running);
                CompletableFuture<LogStart> creating = CompletableFuture.supplyAsync(
                        () -> database.start(database.discoverTables(), new StartFrom.Snapshot(1, null)));
                Awaitility.await().until(() -> isWaitedFor(pg, pid));
                long rolledBack = begin(second);
                assertThat(rolledBack).isNotEqualTo(pid);
                second.rollback();
                running.rollback();

                LogStart start = creating.get();

                Visibility seen =
                        Objects.requireNonNull(start.session()).generation().visibility();
                assertThat(seen.sees(1)).isTrue();
                assertThat(seen.xmin()).isLessThanOrEqualTo(seen.xmax());
                Objects.requireNonNull(start.session()).close();
            }
        }
    }

    /** Gives the connection a transaction with an id; its backend's process id. */
    private static long begin(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid(), pg_current_xact_id()")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static boolean isWaitedFor(PostgresFixture pg, long pid) throws Exception {
        return pg.single("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walsender' AND " + pid
                        + " = ANY (pg_blocking_pids(pid)))")
                .equals("t");
    }
}
