package io.cdcsystem.source.postgres.ddl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The event triggers come and go, by us and by what the documentation shows. */
@Tag("L3")
class DdlTriggersIT {
    private static final Path REPOSITORY = Path.of("..");
    private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("`(source/[\\w/]+/install\\.sql)`");

    @ParameterizedTest
    @EnumSource
    void they_are_installed_replaced_and_removed(PostgresVersion version) throws Exception {
        try (PostgresServer server = PostgresServer.builder().version(version).start()) {
            String database = server.createDatabase();
            try (Connection connection = server.connect(database)) {
                DdlTriggers triggers = new DdlTriggers(connection);
                assertThat(triggers.state()).isEqualTo(new DdlTriggers.Absent());
                triggers.uninstall();
                triggers.install();
                triggers.install();
                assertThat(triggers.state()).isEqualTo(new DdlTriggers.Installed(DdlTriggers.VERSION));
                server.execute(database, "DROP EVENT TRIGGER cdc_system_table_rewrite");
                assertThat(triggers.state()).isEqualTo(new DdlTriggers.Broken(2));
                triggers.uninstall();
                assertThat(triggers.state()).isEqualTo(new DdlTriggers.Absent());
            }
            every_oid_is_read(server, database);
            what_the_documentation_shows(server, database);
            only_a_superuser_installs(server, database);
        }
    }

    private static void every_oid_is_read(PostgresServer server, String database) throws SQLException {
        try (Connection connection = server.connect(database)) {
            new DdlTriggers(connection).install();
            try (var statement = connection.createStatement();
                    var rows =
                            statement.executeQuery("SELECT cdc_system.oids('7,x,-1,,1000000001,4294967295,4294967296,"
                                    + "99999999999999999999')::text, cdc_system.oids('') IS NULL")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("{7,1000000001,4294967295}");
                assertThat(rows.getBoolean(2)).isTrue();
            }
            new DdlTriggers(connection).uninstall();
        }
    }

    private static void what_the_documentation_shows(PostgresServer server, String database)
            throws IOException, SQLException {
        String text = Files.readString(REPOSITORY.resolve("docs/schema-changes.md"));
        List<String> files =
                FILE.matcher(text).results().map(found -> found.group(1)).toList();
        List<String> blocks =
                SQL.matcher(text).results().map(found -> found.group(1)).toList();
        assertThat(files).hasSize(1);
        assertThat(blocks).hasSize(2);
        try (Connection connection = server.connect(database)) {
            server.execute(database, Files.readString(REPOSITORY.resolve(files.get(0))));
            assertThat(new DdlTriggers(connection).state()).isInstanceOf(DdlTriggers.Installed.class);
            server.execute(database, "CREATE PUBLICATION p FOR ALL TABLES");
            server.execute(
                    database, "SELECT pg_create_logical_replication_slot('s_" + database + "', 'test_decoding')");
            server.execute(database, "CREATE TABLE seen ()", blocks.get(0) + "CREATE TABLE unseen ()");
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT string_agg(data, '') FROM pg_logical_slot_get_changes('s_"
                            + database + "', NULL, NULL) WHERE data LIKE '%cdc.ddl%'")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).contains("\"seen\"").doesNotContain("unseen");
            }
            server.execute(database, blocks.get(1));
            assertThat(new DdlTriggers(connection).state()).isEqualTo(new DdlTriggers.Absent());
            server.execute(database, "SELECT pg_drop_replication_slot('s_" + database + "')");
        }
    }

    private static void only_a_superuser_installs(PostgresServer server, String database) throws SQLException {
        server.execute(
                database,
                "CREATE ROLE plain LOGIN PASSWORD 'pw'",
                "GRANT CREATE ON DATABASE \"" + database + "\" TO plain");
        try (Connection connection = server.connect(database, "plain", "pw")) {
            DdlTriggers triggers = new DdlTriggers(connection);
            assertThatThrownBy(triggers::install)
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("PRIVILEGE_MISSING")
                    .hasMessageContaining("superuser");
            assertThat(triggers.state()).isEqualTo(new DdlTriggers.Absent());
        }
    }

    @ParameterizedTest
    @EnumSource
    void messages_are_utf8_whatever_the_databases_encoding(PostgresVersion version) throws Exception {
        try (PostgresServer server = PostgresServer.builder().version(version).start()) {
            for (String encoding : List.of("UTF8", "LATIN1", "SQL_ASCII")) {
                String database = server.createDatabase(
                        "ENCODING '" + encoding + "' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
                try (Connection connection = server.connect(database)) {
                    new DdlTriggers(connection).install();
                }
                String slot = "s_" + database;
                server.execute(
                        database,
                        "CREATE PUBLICATION p FOR ALL TABLES",
                        "SELECT pg_create_logical_replication_slot('" + slot + "', 'test_decoding')",
                        "CREATE TABLE \"café\" (\"naïve\" int)",
                        "DROP TABLE \"café\"");
                assertThat(told(server, database, slot))
                        .as(encoding)
                        .extracting(DdlMessage::name)
                        .containsExactly("café", "café");
                // In SQL_ASCII a byte that is no character of UTF-8.
                server.execute(
                        database, "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (id int)', 'x' || chr(233)); END $$");
                assertThat(told(server, database, slot))
                        .as(encoding)
                        .extracting(DdlMessage::name)
                        .containsExactly(encoding.equals("SQL_ASCII") ? "x\uFFFD" : "xé");
                server.execute(database, "SELECT pg_drop_replication_slot('" + slot + "')");
            }
        }
    }

    private static List<DdlMessage> told(PostgresServer server, String database, String slot) throws SQLException {
        List<DdlMessage> told = new ArrayList<>();
        try (Connection connection = server.connect(database);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "SELECT data FROM pg_logical_slot_get_binary_changes('" + slot + "', NULL, NULL)")) {
            while (rows.next()) {
                String line = new String(rows.getBytes(1), StandardCharsets.UTF_8);
                if (line.contains("prefix: " + DdlMessage.PREFIX)) {
                    DdlMessages.read(line.substring(line.indexOf("content:") + "content:".length()))
                            .ifPresent(told::add);
                }
            }
        }
        return told;
    }
}
