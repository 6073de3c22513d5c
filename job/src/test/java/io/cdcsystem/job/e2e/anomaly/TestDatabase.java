package io.cdcsystem.job.e2e.anomaly;

import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.load.Audit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * A fresh database with an audit and a table {@code fence}, whose one row is the last to be read and whose changes show how
 * far the log has come.
 *
 * <p>A reader is held in two ways. A table that is locked is neither planned nor read. A row whose column {@code hold}, a
 * row of the table {@code gate}, is not null cannot be sent while that table is locked, by a chunk's copy as little as by a
 * walsender: so a table can be held in the middle of a chunk, and the log in the middle of a transaction.
 */
final class TestDatabase {
    static final String FENCE = "fence";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PostgresServer server;
    private final String name;

    private TestDatabase(PostgresServer server, String name) {
        this.server = server;
        this.name = name;
    }

    static TestDatabase create(PostgresServer server) throws SQLException {
        return create(server, "");
    }

    /** With further words of CREATE DATABASE. */
    static TestDatabase create(PostgresServer server, String options) throws SQLException {
        TestDatabase database = new TestDatabase(server, server.createDatabase(options));
        try (Connection connection = database.connect()) {
            Audit.install(connection);
        }
        database.execute(
                "CREATE TABLE gate (open boolean)",
                "CREATE TABLE fence (id int PRIMARY KEY, n int NOT NULL)",
                "INSERT INTO fence VALUES (1, 0)");
        return database;
    }

    /** An audited table {@code name (id int PRIMARY KEY, a text, hold gate, v)} with the rows 1 to {@code rows}. */
    TestDatabase table(String table, int rows) throws SQLException {
        execute(
                "CREATE TABLE " + table + " (id int PRIMARY KEY, a text, hold gate, " + Audit.VERSION_COLUMN + ")",
                "INSERT INTO " + table + " SELECT i, 'first ' || i FROM generate_series(1, " + rows + ") i");
        watch(table, "id");
        return this;
    }

    void watch(String table, String... key) throws SQLException {
        try (Connection connection = connect()) {
            Audit.watch(connection, table, key);
        }
    }

    PostgresServer server() {
        return server;
    }

    String name() {
        return name;
    }

    Connection connect() throws SQLException {
        return server.connect(name);
    }

    Session session() throws SQLException {
        return new Session(connect());
    }

    /** Statements, each in a transaction of its own. */
    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            // What a held reader keeps from us is a mistake of the test, and no reason to wait for ever.
            statement.execute("SET lock_timeout = '20s'");
            // Nor do we wait for a standby that only holds back others.
            statement.execute("SET synchronous_commit = local");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Keeps the table from being planned, read and written until it is closed. */
    Session lock(String table) throws Exception {
        return session().run("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
    }

    /** Keeps every row whose {@code hold} is not null from being sent until it is closed. */
    Session holdRows() throws Exception {
        return lock("gate");
    }

    long number(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** Whether a session of this database waits for a lock on the relation. */
    boolean isWaitedFor(String relation, String applicationPattern) throws SQLException {
        return number("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted"
                        + " AND l.relation = '" + relation + "'::regclass AND l.database ="
                        + " (SELECT oid FROM pg_database WHERE datname = current_database())"
                        + " AND a.application_name LIKE '" + applicationPattern + "'")
                > 0;
    }

    void await(String what, Callable<Boolean> condition) {
        Waiting.until(what, PATIENCE, this::activity, condition);
    }

    /** Waits until this session waits for another one. */
    void awaitBlocked(Session session) {
        await("a blocked session", () -> number("SELECT cardinality(pg_blocking_pids(" + session.pid() + "))") > 0);
    }

    /** What every session of this database does. */
    String activity() {
        StringBuilder text = new StringBuilder();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pid || ' ' || application_name || ' ' || coalesce(state, '')"
                                + " || ' ' || coalesce(wait_event, '') || ' blocked by ' || pg_blocking_pids(pid)::text || ': '"
                                + " || left(query, 120) FROM pg_stat_activity WHERE datname = current_database()")) {
            while (row.next()) {
                text.append(row.getString(1)).append('\n');
            }
        } catch (SQLException e) {
            text.append(e);
        }
        return text.toString();
    }
}
