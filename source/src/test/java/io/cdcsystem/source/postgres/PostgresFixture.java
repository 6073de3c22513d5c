package io.cdcsystem.source.postgres;

import io.cdcsystem.testbed.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** A fresh database of a real server, and configurations for it. */
public record PostgresFixture(PostgresServer server, String database) {

    public static PostgresFixture on(PostgresServer server) {
        return new PostgresFixture(server, server.createDatabase());
    }

    public PostgresConfig config(String... tables) {
        return configAs(server.user(), server.password(), tables);
    }

    public PostgresConfig configAs(String user, String password, String... tables) {
        return new PostgresConfig(
                server.host(),
                server.port(),
                database,
                user,
                password,
                List.of(tables),
                "slot_" + database,
                "pub_" + database,
                Map.of(),
                List.of(),
                null);
    }

    public void execute(String... sql) throws SQLException {
        server.execute(database, sql);
    }

    public String single(String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
