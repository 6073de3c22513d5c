package io.cdcsystem.testbed;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.postgresql.util.PSQLState;

/**
 * A real PostgreSQL server: {@code wal_level=logical}, {@code synchronous_commit} and {@code fsync} on, scram-sha-256
 * for every connection, all databases UTF8 with the C locale, time zone UTC.
 *
 * <p>Connections, databases and statements: any thread. {@code kill}, {@code restart}, {@code close}: one at a time.
 */
public final class PostgresServer implements AutoCloseable {

    static final String USER = "postgres";
    static final String PASSWORD = "postgres";
    private static final String DEFAULT_DATABASE = "postgres";
    private static final Duration HOLD_PATIENCE = Duration.ofMinutes(2);

    private final PostgresVersion version;
    private final Backend backend;

    private PostgresServer(PostgresVersion version, Backend backend) {
        this.version = version;
        this.backend = backend;
    }

    /** A server of the newest version with the settings above. */
    public static PostgresServer start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    public PostgresVersion version() {
        return version;
    }

    public String host() {
        return backend.host();
    }

    /** The same after a restart. */
    public int port() {
        return backend.port();
    }

    /** The superuser. */
    public String user() {
        return USER;
    }

    public String password() {
        return PASSWORD;
    }

    public String jdbcUrl(String database) {
        return jdbcUrl(host(), port(), database);
    }

    /** A session of the superuser in the database {@code postgres}. */
    public Connection connect() throws SQLException {
        return connect(DEFAULT_DATABASE);
    }

    public Connection connect(String database) throws SQLException {
        return connect(database, USER, PASSWORD);
    }

    public Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user, password);
    }

    /** Runs statements as the superuser, each in its own transaction. */
    public void execute(String database, String... sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String text : sql) {
                statement.execute(text);
            }
        }
    }

    /** Creates an empty database of a name never used before. */
    public String createDatabase() {
        return createDatabase("");
    }

    /** The same with further options of CREATE DATABASE. */
    public String createDatabase(String options) {
        String name = "db_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
        try {
            execute(DEFAULT_DATABASE, "CREATE DATABASE " + name + " " + options);
            return name;
        } catch (SQLException e) {
            throw new ServerFailedException("cannot create a database\n" + logTail(), e);
        }
    }

    /**
     * Holds back every commit that does not say {@code synchronous_commit = local}: it is in the log, and no snapshot sees it,
     * as on a primary that waits for its standby.
     */
    public void holdCommits() throws SQLException {
        execute(DEFAULT_DATABASE, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()");
        // The reload returns before the checkpointer has read the setting, and commits wait only from then on.
        long end = System.nanoTime() + HOLD_PATIENCE.toNanos();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            while (!isHeldBack(statement)) {
                if (System.nanoTime() - end > 0) {
                    throw new ServerFailedException(
                            "commits are not held back after " + HOLD_PATIENCE + "\n" + logTail());
                }
            }
        }
    }

    /** Lets those go that {@link #holdCommits} holds back. */
    public void releaseCommits() throws SQLException {
        execute(DEFAULT_DATABASE, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
    }

    /** Commits, and says whether that had to be broken off: the server warns then that it holds here and not on a standby. */
    private static boolean isHeldBack(Statement statement) throws SQLException {
        try {
            statement.execute("SELECT pg_logical_emit_message(true, 'probe', '')");
            return statement.getWarnings() != null;
        } catch (SQLException e) {
            if (PSQLState.QUERY_CANCELED.getState().equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Ends the server as a power cut would: SIGKILL to all its processes. Sessions break, data stays. */
    public void kill() {
        backend.kill();
    }

    /** Starts the server on its data and port, after {@link #kill} or, by an orderly fast shutdown, out of running. */
    public void restart() {
        backend.restart();
    }

    /**
     * Restarts it as a server that has given out 2^32 more transaction ids, as {@code pg_resetwal -e} would make it.
     * Before any replication slot exists; not for servers in containers.
     */
    public void advanceTransactionEpoch() {
        backend.advanceTransactionEpoch();
    }

    /** The end of the server's log. */
    public String logTail() {
        return backend.logTail();
    }

    /** Stops the server and deletes its data. */
    @Override
    public void close() {
        backend.close();
    }

    /** Whether a session can be opened: the port listens before recovery is through. */
    static boolean accepts(String host, int port) {
        // Without this check each poll would have the driver log a failure.
        if (!Probe.accepts(host, port)) {
            return false;
        }
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", PASSWORD);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "5");
        try (Connection connection = DriverManager.getConnection(jdbcUrl(host, port, DEFAULT_DATABASE), properties)) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private static String jdbcUrl(String host, int port, String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    /** What to start; for one thread. */
    public static final class Builder {

        private final Map<String, String> settings = new LinkedHashMap<>();
        private PostgresVersion version = PostgresVersion.newest();

        private Builder() {
            setting("listen_addresses", "127.0.0.1");
            setting("unix_socket_directories", "");
            setting("wal_level", "logical");
            setting("synchronous_commit", "on");
            setting("fsync", "on");
            setting("max_connections", "200");
            setting("max_wal_senders", "16");
            setting("max_replication_slots", "32");
            setting("password_encryption", "scram-sha-256");
            setting("timezone", "UTC");
            setting("log_timezone", "UTC");
        }

        public Builder version(PostgresVersion newVersion) {
            version = newVersion;
            return this;
        }

        /** Sets a parameter of postgresql.conf; the last value given counts. */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        public PostgresServer start() {
            Backend backend = BackendKind.chosen() == BackendKind.CONTAINERS
                    ? ContainerBackend.postgres(version, settings, PostgresServer::accepts)
                    : new PostgresProcess(version, settings);
            return new PostgresServer(version, backend);
        }
    }
}
