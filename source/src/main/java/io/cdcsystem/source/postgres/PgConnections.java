package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.type.TextSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/**
 * Opens connections to one database, all under the same session settings, so that a value's text form and the life of a
 * snapshot never depend on a role's or the server's defaults. Stateless; any thread.
 */
public final class PgConnections {
    private static final String NO_TIMEOUTS =
            " -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0";

    private final PostgresConfig config;

    /** Connections to where {@code config} says. */
    public PgConnections(PostgresConfig config) {
        this.config = config;
    }

    /** What they connect to. */
    public PostgresConfig config() {
        return config;
    }

    /** An ordinary session in autocommit mode. */
    public Connection query() {
        return settled(connect(properties()));
    }

    /** A walsender session of the database, for the commands of the replication protocol. */
    public Connection replication() {
        Properties properties = properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        return settled(connect(properties));
    }

    /** Without the server's or the role's own limits, which would end a snapshot or a stream that is held up. */
    private Connection settled(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            // pgjdbc sends its JVM's zone as a startup parameter of its own, which wins over the options.
            statement.execute("SET TimeZone TO 'UTC'");
            int version = serverVersion(connection);
            if (version >= 140000) {
                statement.execute("SET idle_session_timeout TO 0");
            }
            if (version >= 170000) {
                statement.execute("SET transaction_timeout TO 0");
            }
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw failure(e);
        }
    }

    /** The server's version as a number: 180006 for 18.6. */
    public static int serverVersion(Connection connection) throws SQLException {
        String text = connection.unwrap(PGConnection.class).getParameterStatus("server_version");
        String digits = (text == null ? "" : text).replaceFirst("^(\\d+(?:\\.\\d+)?).*$", "$1");
        int dot = digits.indexOf('.');
        try {
            return dot < 0
                    ? Integer.parseInt(digits.replaceAll("\\D.*$", "")) * 10000
                    : Integer.parseInt(digits.substring(0, dot)) * 10000 + Integer.parseInt(digits.substring(dot + 1));
        } catch (NumberFormatException e) {
            throw new SQLException("the server's version '" + text + "' is no number", e);
        }
    }

    /** Closes without complaint: the server notices either way. */
    public static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException ignored) {
            // What was to be freed is freed by the server once the socket is gone.
        }
    }

    private Properties properties() {
        Properties properties = new Properties();
        config.connectionProperties().forEach(properties::setProperty);
        PGProperty.USER.set(properties, config.username());
        PGProperty.PASSWORD.set(properties, config.password());
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.APPLICATION_NAME.set(properties, "cdc-system " + config.slotName());
        PGProperty.OPTIONS.set(properties, TextSettings.OPTIONS + NO_TIMEOUTS);
        if (!config.connectionProperties().containsKey(PGProperty.CONNECT_TIMEOUT.getName())) {
            PGProperty.CONNECT_TIMEOUT.set(properties, 30);
        }
        return properties;
    }

    private Connection connect(Properties properties) {
        try {
            // Not DriverManager: it sees only drivers of its caller's class loader, which in a Flink cluster is not
            // ours.
            return Objects.requireNonNull(
                    new Driver()
                            .connect(
                                    "jdbc:postgresql://" + config.hostname() + ":" + config.port() + "/"
                                            + encoded(config.database()),
                                    properties),
                    "the driver does not take its own URL");
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private CdcException failure(SQLException e) {
        return PgFailures.of(
                e,
                ErrorCode.DATABASE_UNREACHABLE,
                "connecting to PostgreSQL at " + config.hostname() + ":" + config.port() + "/" + config.database()
                        + " as " + config.username());
    }

    private static String encoded(String database) {
        return java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8);
    }
}
