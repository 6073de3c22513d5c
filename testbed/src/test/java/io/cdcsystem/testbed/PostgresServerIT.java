package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

class PostgresServerIT {

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void each_version_starts_with_the_settings_capture_needs(PostgresVersion version) throws SQLException {
        try (PostgresServer server = PostgresServer.builder().version(version).start();
                Connection connection = server.connect()) {
            assertThat(connection.getMetaData().getDatabaseMajorVersion()).isEqualTo(version.major());
            assertThat(show(connection, "wal_level")).isEqualTo("logical");
            assertThat(show(connection, "synchronous_commit")).isEqualTo("on");
            assertThat(show(connection, "fsync")).isEqualTo("on");
            assertThat(show(connection, "max_wal_senders")).isEqualTo("16");
            assertThat(show(connection, "max_replication_slots")).isEqualTo("32");
            assertThat(show(connection, "max_connections")).isEqualTo("200");
            assertThat(show(connection, "server_encoding")).isEqualTo("UTF8");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void each_version_goes_on_behind_2_to_the_32_transactions(PostgresVersion version) throws SQLException {
        try (PostgresServer server = PostgresServer.builder().version(version).start()) {
            String database = server.createDatabase();
            server.execute(database, "CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)");
            server.advanceTransactionEpoch();
            try (Connection connection = server.connect(database)) {
                assertThat(single(connection, "SELECT pg_current_xact_id()::text::numeric > 2^32"))
                        .isEqualTo("t");
                assertThat(single(connection, "SELECT count(*) FROM t")).isEqualTo("1");
            }
        }
    }

    @Test
    void a_setting_given_to_the_builder_wins() throws SQLException {
        try (PostgresServer server = PostgresServer.builder()
                        .version(PostgresVersion.V14)
                        .setting("wal_level", "replica")
                        .start();
                Connection connection = server.connect()) {
            assertThat(show(connection, "wal_level")).isEqualTo("replica");
        }
    }

    @Test
    void committed_rows_survive_a_kill_on_the_same_port() throws SQLException {
        try (PostgresServer server = PostgresServer.start()) {
            String database = server.createDatabase();
            server.execute(
                    database, "CREATE TABLE t (id int)", "INSERT INTO t SELECT n FROM generate_series(1, 1000) n");
            int port = server.port();
            Connection open = server.connect(database);

            server.kill();
            assertThatThrownBy(() -> show(open, "fsync")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> server.connect(database)).isInstanceOf(SQLException.class);
            server.restart();

            assertThat(server.port()).isEqualTo(port);
            try (Connection connection = server.connect(database)) {
                assertThat(single(connection, "SELECT count(*) FROM t")).isEqualTo("1000");
            }
            server.restart();
            try (Connection connection = server.connect(database)) {
                assertThat(single(connection, "SELECT count(*) FROM t")).isEqualTo("1000");
            }
        }
    }

    @Test
    void a_role_is_let_in_by_its_password_only() throws SQLException {
        try (PostgresServer server = PostgresServer.start()) {
            String database = server.createDatabase();
            server.execute(database, "CREATE ROLE reader LOGIN REPLICATION PASSWORD 'secret'");
            try (Connection connection = server.connect(database, "reader", "secret")) {
                assertThat(single(connection, "SELECT current_user")).isEqualTo("reader");
            }
            assertThatThrownBy(() -> server.connect(database, "reader", "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void a_pgoutput_slot_streams_changes() throws SQLException {
        try (PostgresServer server = PostgresServer.start()) {
            String database = server.createDatabase();
            server.execute(database, "CREATE TABLE t (id int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE t");
            try (Connection connection = replication(server, database)) {
                PGConnection replication = connection.unwrap(PGConnection.class);
                replication
                        .getReplicationAPI()
                        .createReplicationSlot()
                        .logical()
                        .withSlotName("s")
                        .withOutputPlugin("pgoutput")
                        .make();
                server.execute(database, "INSERT INTO t VALUES (1)");
                try (PGReplicationStream stream = replication
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName("s")
                        .withSlotOption("proto_version", "1")
                        .withSlotOption("publication_names", "p")
                        .start()) {
                    List<String> kinds = new ArrayList<>();
                    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
                        for (ByteBuffer next = stream.readPending(); next != null; next = stream.readPending()) {
                            kinds.add(new String(new byte[] {next.get()}, StandardCharsets.US_ASCII));
                        }
                        return kinds.contains("C");
                    });
                    assertThat(kinds).containsExactly("B", "R", "I", "C");
                }
            }
        }
    }

    @Test
    void a_failed_start_shows_the_servers_log() {
        assertThatThrownBy(() ->
                        PostgresServer.builder().setting("no_such_setting", "1").start())
                .isInstanceOf(ServerFailedException.class)
                .hasMessageContaining("unrecognized configuration parameter \"no_such_setting\"");
    }

    private static Connection replication(PostgresServer server, String database) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, server.user());
        PGProperty.PASSWORD.set(properties, server.password());
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return DriverManager.getConnection(server.jdbcUrl(database), properties);
    }

    private static String show(Connection connection, String setting) throws SQLException {
        return single(connection, "SHOW " + setting);
    }

    private static String single(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
