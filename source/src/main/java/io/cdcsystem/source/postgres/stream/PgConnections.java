package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.type.TextSettings;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens the reader's two kinds of connection. */
final class PgConnections {
    private static final String CONNECT_TIMEOUT_SECONDS = "30";
    private static final String QUERY_TIMEOUT_SECONDS = "60";

    private PgConnections() {}

    /** A connection that speaks the replication protocol, and simple SQL before a stream begins. */
    static Connection replication(PostgresConfig config) throws SQLException {
        Properties properties = common(config);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        // An idle stream is silent for as long as the database is: only a dead peer ends it.
        PGProperty.SOCKET_TIMEOUT.set(properties, "0");
        return connect(config, properties);
    }

    /** An ordinary connection for the catalog. */
    static Connection sql(PostgresConfig config) throws SQLException {
        Properties properties = common(config);
        properties.putIfAbsent(PGProperty.SOCKET_TIMEOUT.getName(), QUERY_TIMEOUT_SECONDS);
        return connect(config, properties);
    }

    private static Properties common(PostgresConfig config) {
        Properties properties = new Properties();
        properties.putAll(config.connectionProperties());
        PGProperty.USER.set(properties, config.username());
        PGProperty.PASSWORD.set(properties, config.password());
        String options = config.connectionProperties().get(PGProperty.OPTIONS.getName());
        // Ours come last and win: values could not be read in another form.
        PGProperty.OPTIONS.set(
                properties, options == null ? TextSettings.OPTIONS : options + " " + TextSettings.OPTIONS);
        properties.putIfAbsent(PGProperty.APPLICATION_NAME.getName(), "cdc-system");
        properties.putIfAbsent(PGProperty.CONNECT_TIMEOUT.getName(), CONNECT_TIMEOUT_SECONDS);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        return properties;
    }

    /** Not through DriverManager, which sees drivers of its own class loader only and not those of a job. */
    private static Connection connect(PostgresConfig config, Properties properties) throws SQLException {
        String host = config.hostname().contains(":") ? "[" + config.hostname() + "]" : config.hostname();
        String url = "jdbc:postgresql://" + host + ":" + config.port() + "/"
                + URLEncoder.encode(config.database(), StandardCharsets.UTF_8).replace("+", "%20");
        Connection connection = new Driver().connect(url, properties);
        if (connection == null) {
            throw new SQLException("the driver does not take " + url);
        }
        return connection;
    }
}
