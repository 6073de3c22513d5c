package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.preflight.PostgresPreflight;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SourceEpoch;
import io.cdcsystem.testbed.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Discovery, slot, publication and preflight, each finding caused for real. */
@Tag("S2")
@Tag("L1")
@Tag("O1")
@Tag("O5")
class PostgresStartIT {
    private static PostgresServer server;
    private static PostgresServer replica;

    @BeforeAll
    static void startServers() {
        server = PostgresServer.start();
        replica = PostgresServer.builder().setting("wal_level", "replica").start();
    }

    @AfterAll
    static void stopServers() {
        server.close();
        replica.close();
    }

    @Test
    void discovery_reads_columns_defaults_and_key_in_its_own_order() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute("CREATE TABLE t (a serial, b text NOT NULL DEFAULT 'it''s', c numeric(5,2) DEFAULT 1.5,"
                + " d timestamptz NOT NULL DEFAULT now(), e timestamptz DEFAULT now(), gone int,"
                + " f int GENERATED ALWAYS AS (1) STORED, PRIMARY KEY (b, a))");
        pg.execute("ALTER TABLE t DROP COLUMN gone");
        try (Database database = pg.config("public.t").open()) {
            TableSchema table = database.discoverTables().get(0);
            assertThat(table.columns()).extracting(Column::name).containsExactly("a", "b", "c", "d", "e");
            assertThat(table.primaryKey()).containsExactly("b", "a");
            assertThat(table.columns())
                    .extracting(Column::defaultValue)
                    .containsExactly(
                            new FieldValue(new byte[4]),
                            new FieldValue("it's".getBytes(StandardCharsets.UTF_8)),
                            new FieldValue(new byte[] {0, 0, 0, 2, 0, (byte) 150}),
                            new FieldValue(new byte[8]),
                            null);
            assertThat(table.columns()).extracting(Column::nullable).containsExactly(false, false, true, false, true);
        }
    }

    @Test
    void unique_index_without_nullable_columns_stands_for_a_missing_key() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute("CREATE TABLE t (a int UNIQUE, b int NOT NULL UNIQUE)");
        try (Database database = pg.config("public.t").open()) {
            assertThat(database.discoverTables().get(0).primaryKey()).containsExactly("b");
        }
    }

    @Test
    void pattern_that_matches_nothing_is_named_with_near_names() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute("CREATE TABLE orders (a int PRIMARY KEY)");
        try (Database database = pg.config("public.ordres").open()) {
            assertThatThrownBy(database::discoverTables)
                    .isInstanceOf(CdcException.class)
                    .hasMessageContainingAll("public.ordres", "did you mean public.orders");
        }
    }

    @Test
    void start_creates_slot_and_publication_and_verify_accepts_them() throws Exception {
        PostgresFixture pg = withTable();
        try (Database database = pg.config("public.t").open()) {
            LogStart start = database.start(database.discoverTables(), new StartFrom.Snapshot(1, null));
            start.session().close();
            assertThat(pg.single("SELECT pubviaroot FROM pg_publication")).isEqualTo("t");
            assertThat(pg.single(
                            "SELECT plugin FROM pg_replication_slots WHERE slot_name = 'slot_" + pg.database() + "'"))
                    .isEqualTo("pgoutput");
            database.verify(start.epoch(), start.token());
            assertThat(Long.compareUnsigned(
                            PgResumeToken.of(database.endOfLog()).lsn(),
                            PgResumeToken.of(start.token()).lsn()))
                    .isPositive();
            assertCode(() -> database.verify(new SourceEpoch(1, "1/1"), start.token()), ErrorCode.POSITION_LOST);
            assertCode(() -> database.verify(start.epoch(), new PgResumeToken(1).toToken()), ErrorCode.POSITION_LOST);
            assertCode(
                    () -> database.verify(
                            start.epoch(), PgResumeToken.parse("FFFF/0").toToken()),
                    ErrorCode.POSITION_LOST);
            pg.execute("SELECT pg_drop_replication_slot('slot_" + pg.database() + "')");
            assertCode(() -> database.verify(start.epoch(), start.token()), ErrorCode.POSITION_LOST);
        }
    }

    @Test
    void start_without_state_takes_up_an_existing_slot_and_adds_a_missing_table() throws Exception {
        PostgresFixture pg = withTable();
        try (Database database = pg.config("public.t").open()) {
            database.start(database.discoverTables(), new StartFrom.Snapshot(1, null))
                    .session()
                    .close();
        }
        pg.execute("CREATE TABLE u (id int PRIMARY KEY)");
        try (Database database = pg.config("public.t", "public.u").open()) {
            LogStart start = database.start(database.discoverTables(), new StartFrom.Snapshot(1, null));
            assertThat(start.session().isOpen()).isTrue();
            start.session().close();
            assertThat(PgResumeToken.of(start.token()).toString())
                    .isEqualTo(pg.single("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'slot_"
                            + pg.database() + "'"));
            assertThat(pg.single("SELECT count(*) FROM pg_publication_tables")).isEqualTo("2");
        }
    }

    @Test
    void slot_of_another_plugin_is_refused_with_the_statement() throws Exception {
        PostgresFixture pg = withTable();
        pg.execute("SELECT pg_create_physical_replication_slot('slot_" + pg.database() + "')");
        assertThatThrownBy(() -> start(pg.config("public.t")))
                .isInstanceOf(CdcException.class)
                .hasMessageContainingAll("SLOT_UNUSABLE", "pg_drop_replication_slot");
        assertError(pg.config("public.t"), "physical slot", "pg_drop_replication_slot");
    }

    @Test
    void role_that_owns_nothing_is_shown_the_publication_to_create() throws Exception {
        PostgresFixture pg = withTable();
        String role = "role_" + pg.database();
        pg.execute("CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'secret'", "GRANT SELECT ON t TO " + role);
        PostgresConfig config = pg.configAs(role, "secret", "public.t");
        String statement = "CREATE PUBLICATION \"pub_" + pg.database() + "\" FOR TABLE \"public\".\"t\"";
        assertThatThrownBy(() -> start(config))
                .isInstanceOf(CdcException.class)
                .hasMessageContainingAll("PUBLICATION_UNUSABLE", statement);
        assertError(config, "publication does not exist", statement);
        Finding finding = PostgresPreflight.run(config).stream()
                .filter(found -> found.severity() == Severity.ERROR)
                .findFirst()
                .orElseThrow();
        pg.execute(String.valueOf(finding.remedy()));
        assertThat(errors(config)).isEmpty();
        start(config);
    }

    @Test
    void missing_privileges_are_mended_by_the_statements_shown() throws Exception {
        PostgresFixture pg = withTable();
        String role = "role_" + pg.database();
        pg.execute(
                "CREATE PUBLICATION pub_" + pg.database() + " FOR TABLE t",
                "CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
        PostgresConfig config = pg.configAs(role, "secret", "public.t");
        assertError(config, "REPLICATION", "ALTER ROLE");
        assertError(config, "may not read", "GRANT SELECT");
        assertThatThrownBy(() -> start(config)).hasMessageContainingAll("PRIVILEGE_MISSING", "ALTER ROLE");
        for (Finding finding : errors(config)) {
            pg.execute(String.valueOf(finding.remedy()));
        }
        assertThat(errors(config)).isEmpty();
    }

    @Test
    void wal_level_replica_is_refused_with_the_statement() throws Exception {
        PostgresFixture pg = PostgresFixture.on(replica);
        pg.execute("CREATE TABLE t (id int PRIMARY KEY)");
        assertThatThrownBy(() -> start(pg.config("public.t")))
                .hasMessageContainingAll("SETTING_UNUSABLE", "ALTER SYSTEM SET wal_level");
        assertError(pg.config("public.t"), "wal_level is replica", "ALTER SYSTEM SET wal_level");
    }

    @Test
    void wrong_password_and_unknown_database_are_findings() {
        PostgresFixture pg = PostgresFixture.on(server);
        assertError(pg.configAs(server.user(), "wrong", "public.t"), "password", "pg_hba.conf");
        assertError(new PostgresFixture(server, "nowhere").config("public.t"), "does not exist", "create it");
    }

    @Test
    void tables_without_usable_identity_are_findings() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute(
                "CREATE TABLE nokey (id int)",
                "CREATE TABLE nothing (id int PRIMARY KEY)",
                "ALTER TABLE nothing REPLICA IDENTITY NOTHING");
        PostgresConfig config = pg.config("public.no.*");
        assertError(config, "public.nokey has no primary key to identify", "REPLICA IDENTITY FULL");
        assertError(config, "public.nothing has REPLICA IDENTITY NOTHING", "REPLICA IDENTITY DEFAULT");
        assertThat(PostgresPreflight.run(config))
                .anySatisfy(found -> assertThat(found.severity()).isEqualTo(Severity.WARNING));
    }

    @Test
    void publication_that_lacks_a_table_is_a_finding() throws Exception {
        PostgresFixture pg = withTable();
        pg.execute("CREATE PUBLICATION pub_" + pg.database());
        assertError(pg.config("public.t"), "lacks [public.t]", "ADD TABLE \"public\".\"t\"");
    }

    @Test
    void slot_in_use_is_refused_with_the_process_to_end() throws Exception {
        PostgresFixture pg = withTable();
        try (Database database = pg.config("public.t").open()) {
            List<TableSchema> tables = database.discoverTables();
            LogStart start = database.start(tables, new StartFrom.Snapshot(1, null));
            start.session().close();
            LogSplit split = new LogSplit(
                    start.epoch(),
                    start.token(),
                    0,
                    List.of(new CapturedTable(tables.get(0), start.session().generation())),
                    List.of(),
                    null);
            try (LogReader reader = database.readLog(split)) {
                reader.poll(Duration.ofMillis(100));
                assertError(pg.config("public.t"), "is in use by the process", "pg_terminate_backend(");
                assertThatThrownBy(() -> start(pg.config("public.t")))
                        .hasMessageContainingAll("SLOT_UNUSABLE", "pg_terminate_backend(");
            }
        }
    }

    @Test
    void slot_that_the_server_invalidated_is_refused_with_the_statement() throws Exception {
        try (PostgresServer small = PostgresServer.builder()
                .setting("max_slot_wal_keep_size", "1MB")
                .setting("min_wal_size", "32MB")
                .setting("max_wal_size", "32MB")
                .start()) {
            PostgresFixture pg = PostgresFixture.on(small);
            pg.execute("CREATE TABLE t (id int PRIMARY KEY)");
            try (Database database = pg.config("public.t").open()) {
                LogStart start = database.start(database.discoverTables(), new StartFrom.Snapshot(1, null));
                start.session().close();
                for (int i = 0; i < 4; i++) {
                    pg.execute("SELECT pg_logical_emit_message(false, 'x', 'y')", "SELECT pg_switch_wal()");
                }
                pg.execute("CHECKPOINT");
                assertError(pg.config("public.t"), "was invalidated", "pg_drop_replication_slot");
                assertCode(() -> database.verify(start.epoch(), start.token()), ErrorCode.POSITION_LOST);
                assertCode(() -> start(pg.config("public.t")), ErrorCode.SLOT_UNUSABLE);
            }
        }
    }

    @Test
    void server_without_free_slots_is_refused_with_the_statement() throws Exception {
        try (PostgresServer small =
                PostgresServer.builder().setting("max_replication_slots", "1").start()) {
            PostgresFixture pg = PostgresFixture.on(small);
            pg.execute("CREATE TABLE t (id int PRIMARY KEY)", "SELECT pg_create_physical_replication_slot('other')");
            assertError(pg.config("public.t"), "1 of 1 slots", "ALTER SYSTEM SET max_replication_slots");
            assertThatThrownBy(() -> start(pg.config("public.t")))
                    .hasMessageContainingAll("SETTING_UNUSABLE", "ALTER SYSTEM SET max_replication_slots");
        }
    }

    @Test
    @Tag("S1")
    void tables_come_in_the_order_of_their_patterns_and_then_by_name() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute(
                "CREATE TABLE a1 (id int PRIMARY KEY)",
                "CREATE TABLE a2 (id int PRIMARY KEY)",
                "CREATE TABLE z1 (id int PRIMARY KEY)",
                "CREATE TABLE z2 (id int PRIMARY KEY)");
        try (Database database = pg.config("public.z2", "public.a.", "public.*").open()) {
            assertThat(database.discoverTables())
                    .extracting(table -> table.id().name())
                    .containsExactly("z2", "a1", "a2", "z1");
        }
    }

    @Test
    void good_server_has_no_errors() throws Exception {
        assertThat(errors(withTable().config("public.t"))).isEmpty();
    }

    private static PostgresFixture withTable() throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute("CREATE TABLE t (id int PRIMARY KEY)");
        return pg;
    }

    private static void start(PostgresConfig config) {
        try (Database database = config.open()) {
            database.start(database.discoverTables(), new StartFrom.Snapshot(1, null))
                    .session()
                    .close();
        }
    }

    private static List<Finding> errors(PostgresConfig config) {
        return PostgresPreflight.run(config).stream()
                .filter(found -> found.severity() == Severity.ERROR)
                .toList();
    }

    private static void assertError(PostgresConfig config, String message, String remedy) {
        assertThat(errors(config)).anySatisfy(found -> {
            assertThat(found.message()).contains(message);
            assertThat(found.remedy()).contains(remedy);
        });
    }

    private static void assertCode(Runnable call, ErrorCode code) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(CdcException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }
}
