package io.cdcsystem.job.e2e.anomaly;

import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

/** One transaction after another over a connection of its own; any of its steps may be left waiting. */
final class Session implements AutoCloseable {
    private static final long STEP_SECONDS_MAX = 60;

    private final Connection connection;
    private final int pid;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread created = new Thread(task, "test-session");
        created.setDaemon(true);
        return created;
    });

    Session(Connection connection) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            pid = row.getInt(1);
        }
        connection.setAutoCommit(false);
    }

    /** The server process. */
    int pid() {
        return pid;
    }

    Session run(String... statements) throws Exception {
        later(statements).get(STEP_SECONDS_MAX, TimeUnit.SECONDS);
        return this;
    }

    /** Starts them and does not wait. */
    Future<?> later(String... statements) {
        return thread.submit(() -> {
            try (Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
            return null;
        });
    }

    /** Copies lines of COPY's text format into a table. */
    void copy(String table, String lines) throws Exception {
        thread.submit(() -> connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY " + table + " FROM STDIN", new StringReader(lines)))
                .get(STEP_SECONDS_MAX, TimeUnit.SECONDS);
    }

    void commit() throws Exception {
        commitLater().get(STEP_SECONDS_MAX, TimeUnit.SECONDS);
    }

    Future<?> commitLater() {
        return thread.submit(() -> {
            connection.commit();
            return null;
        });
    }

    void rollback() throws Exception {
        thread.submit(() -> {
                    connection.rollback();
                    return null;
                })
                .get(STEP_SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** Rolls back what is open, whatever it waits for. */
    @Override
    public void close() throws SQLException {
        thread.shutdownNow();
        connection.abort(Runnable::run);
    }
}
