package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.OpenTransactions;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.catalog.PublishedTables;
import io.cdcsystem.source.postgres.preflight.PostgresPreflight;
import io.cdcsystem.source.postgres.slot.CaptureReport;
import io.cdcsystem.testbed.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing further tables, and when all their changes are in the log. */
@Tag("S9")
class PublishedTableIT {
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.builder()
                .setting("max_prepared_transactions", "5")
                .start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void added_table_is_published_and_its_changes_are_logged() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        LogStart start = start(pg);
        pg.execute("CREATE TABLE u (id int PRIMARY KEY)", "INSERT INTO u VALUES (1)");
        try (Database database = pg.config("public.t", "public.u").open()) {
            List<TableSchema> tables = database.discoverTables();
            database.publish(tables);
            database.publish(tables);
            OpenTransactions open = database.openTransactions();
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(open::haveEnded);
            pg.execute("INSERT INTO u VALUES (2)");
            assertThat(LogRows.read(database, start, tables))
                    .extracting(change -> change.table().id().name())
                    .containsExactly("u");
        }
    }

    @Test
    @Tag("S5")
    void nobody_who_looks_at_the_tables_waits_for_one_that_is_locked() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        start(pg);
        try (Database database = pg.config("public.t").open();
                Connection locker = server.connect(pg.database());
                Statement lock = locker.createStatement()) {
            locker.setAutoCommit(false);
            lock.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                List<TableSchema> tables = database.discoverTables();
                assertThat(tables).hasSize(1);
                assertThat(database.unpublished(
                                tables.stream().map(TableSchema::id).toList()))
                        .isEmpty();
                assertThat(CaptureReport.read(pg.config("public.t")).tables()).containsExactly("public.t");
            });
            locker.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FOR TABLE a, parts",
                "FOR TABLE a, parts WITH (publish_via_partition_root)",
                "FOR TABLE parts, parts_1 WITH (publish_via_partition_root)",
                "FOR TABLE parts_2, other.b",
                "FOR ALL TABLES",
                "FOR ALL TABLES WITH (publish_via_partition_root)",
                "FOR TABLES IN SCHEMA other, TABLE a",
                "FOR TABLES IN SCHEMA public, other WITH (publish_via_partition_root)"
            })
    @Tag("L1")
    void tables_of_a_publication_are_those_of_the_servers_view(String what) throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        pg.execute(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE UNLOGGED TABLE volatile (id int PRIMARY KEY)",
                "CREATE VIEW seen AS SELECT * FROM a",
                "CREATE SCHEMA other",
                "CREATE TABLE other.b (id int PRIMARY KEY)",
                "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1_1 PARTITION OF parts_1 FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
                "CREATE PUBLICATION p " + what);
        try (Connection connection = server.connect(pg.database());
                Statement statement = connection.createStatement();
                ResultSet view = statement.executeQuery(
                        "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = 'p' ORDER BY 1, 2")) {
            List<TableId> expected = new ArrayList<>();
            while (view.next()) {
                expected.add(new TableId("d", view.getString(1), view.getString(2)));
            }
            assertThat(expected).isNotEmpty();
            assertThat(PublishedTables.of(connection, "d", "p")).containsExactlyElementsOf(expected);
        }
    }

    @Test
    @Tag("E3")
    void table_that_took_a_published_ones_name_is_found_until_it_is_published_too() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        start(pg);
        try (Database database = pg.config("public.t").open()) {
            List<TableId> names =
                    database.discoverTables().stream().map(TableSchema::id).toList();
            assertThat(database.unpublished(names)).isEmpty();
            pg.execute("ALTER TABLE t RENAME TO t_old");
            assertThat(database.unpublished(names)).as("no table has the name").isEmpty();
            pg.execute("CREATE TABLE t (id int PRIMARY KEY, another int)");
            List<TableSchema> found = database.unpublished(names);
            assertThat(found).singleElement().satisfies(table -> assertThat(table.columns())
                    .hasSize(2));
            database.publish(found);
            assertThat(database.unpublished(names)).isEmpty();
        }
    }

    @Test
    void added_table_that_the_role_may_not_publish_or_read_is_refused_with_the_statement() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        start(pg);
        String role = "role_" + pg.database();
        pg.execute(
                "CREATE TABLE u (id int PRIMARY KEY)",
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'secret'",
                "GRANT SELECT ON t TO " + role);
        try (Database database =
                pg.configAs(role, "secret", "public.t", "public.u").open()) {
            List<TableSchema> tables = database.discoverTables();
            assertThatThrownBy(() -> database.publish(tables))
                    .hasMessageContainingAll("PRIVILEGE_MISSING", "GRANT SELECT ON TABLE \"public\".\"u\"");
            pg.execute("GRANT SELECT ON u TO " + role);
            assertThatThrownBy(() -> database.publish(tables))
                    .hasMessageContainingAll(
                            "PUBLICATION_UNUSABLE", "ALTER PUBLICATION \"pub_", "ADD TABLE \"public\".\"u\"");
        }
    }

    @Test
    void transaction_is_open_until_its_end_be_it_the_newest_of_all() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        try (Database database = pg.config("public.t").open();
                Connection writer = server.connect(pg.database());
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            OpenTransactions open = database.openTransactions();
            assertThat(open.haveEnded()).isFalse();
            statement.execute("SAVEPOINT s");
            statement.execute("INSERT INTO t VALUES (2)");
            OpenTransactions within = database.openTransactions();
            statement.execute("RELEASE SAVEPOINT s");
            assertThat(open.haveEnded()).isFalse();
            writer.commit();
            assertThat(open.haveEnded()).isTrue();
            assertThat(within.haveEnded()).isTrue();
            statement.execute("INSERT INTO t VALUES (3)");
            assertThat(open.haveEnded()).as("a later one does not count").isTrue();
            writer.rollback();
        }
    }

    @Test
    void transaction_is_open_while_it_is_only_prepared_and_in_another_database_too() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        PostgresFixture other = StartModesIT.withTable(server);
        try (Database database = pg.config("public.t").open();
                Connection elsewhere = server.connect(other.database());
                Statement statement = elsewhere.createStatement()) {
            pg.execute("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'p'");
            OpenTransactions prepared = database.openTransactions();
            assertThat(prepared.haveEnded()).isFalse();
            pg.execute("COMMIT PREPARED 'p'");
            assertThat(prepared.haveEnded()).isTrue();
            elsewhere.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            OpenTransactions foreign = database.openTransactions();
            assertThat(foreign.haveEnded()).isFalse();
            elsewhere.rollback();
            assertThat(foreign.haveEnded()).isTrue();
        }
    }

    @Test
    @Tag("S8")
    void signal_table_is_published_though_it_is_not_captured() throws Exception {
        PostgresFixture pg = StartModesIT.withTable(server);
        PostgresConfig config = pg.config("public.t");
        PostgresConfig withSignals = new PostgresConfig(
                config.hostname(),
                config.port(),
                config.database(),
                config.username(),
                config.password(),
                config.tables(),
                config.slotName(),
                config.publicationName(),
                config.connectionProperties(),
                List.of(),
                "public.signals");
        LogStart before = start(pg);
        try (Database database = withSignals.open()) {
            assertThatThrownBy(() -> database.verify(before.epoch(), before.token()))
                    .hasMessageContainingAll("TABLE_MISSING", "CREATE TABLE public.signals (id");
            assertThat(PostgresPreflight.run(withSignals))
                    .anySatisfy(found ->
                            assertThat(String.valueOf(found.remedy())).contains("CREATE TABLE public.signals (id"));
            pg.execute("CREATE TABLE signals (id text PRIMARY KEY, type text, data text)");
            assertThat(PostgresPreflight.run(withSignals))
                    .anySatisfy(found -> assertThat(found.message()).contains("lacks [public.signals]"));
            database.verify(before.epoch(), before.token());
            assertThat(pg.single("SELECT count(*) FROM pg_publication_tables WHERE tablename = 'signals'"))
                    .isEqualTo("1");
            assertThat(database.discoverTables()).hasSize(1);
        }
    }

    private static LogStart start(PostgresFixture pg) {
        try (Database database = pg.config("public.t").open()) {
            LogStart start = database.start(database.discoverTables(), new StartFrom.Snapshot(1, null));
            Objects.requireNonNull(start.session()).close();
            return start;
        }
    }
}
