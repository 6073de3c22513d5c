package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.preflight.PostgresPreflight;
import io.cdcsystem.source.split.SourceEpoch;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a capture begins, mode by mode. */
@Tag("S2")
@Tag("O5")
class StartModesIT {
    private static final StartFrom SNAPSHOT = new StartFrom.Snapshot(1, null);
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void first_generation_gets_the_number_asked_for() throws Exception {
        PostgresFixture pg = withTable(server);
        for (int attempt = 0; attempt < 2; attempt++) {
            LogStart start = start(pg.config("public.t"), new StartFrom.Snapshot(7, null));
            try (GenerationSession session = Objects.requireNonNull(start.session())) {
                Generation generation = session.generation();
                assertThat(generation.number()).isEqualTo(7);
                assertThat(generation.run()).isEqualTo(1);
                assertThat(generation.position().commit())
                        .isEqualTo(PgResumeToken.of(start.token()).lsn() - 1);
            }
        }
    }

    @Test
    void lost_position_begins_the_next_epoch_behind_a_new_slot() throws Exception {
        PostgresFixture pg = withTable(server);
        LogStart first = start(pg.config("public.t"), SNAPSHOT);
        close(first);
        pg.execute("INSERT INTO t VALUES (1)");
        LogStart second = start(pg.config("public.t"), new StartFrom.Snapshot(4, new SourceEpoch(3, "another/1")));
        try (GenerationSession session = Objects.requireNonNull(second.session())) {
            assertThat(second.epoch())
                    .isEqualTo(new SourceEpoch(4, first.epoch().identity()));
            assertThat(session.generation().position().epoch()).isEqualTo(4);
            assertThat(session.isOpen()).isTrue();
            assertThat(PgResumeToken.of(second.token()).lsn())
                    .isGreaterThan(PgResumeToken.of(first.token()).lsn());
            assertThat(slot(pg, "confirmed_flush_lsn"))
                    .isEqualTo(PgResumeToken.of(second.token()).toString());
        }
    }

    @Test
    @Tag("L1")
    void slot_that_the_server_invalidated_is_created_anew_where_the_position_is_lost() throws Exception {
        try (PostgresServer small = PostgresServer.builder()
                .setting("max_slot_wal_keep_size", "1MB")
                .setting("min_wal_size", "32MB")
                .setting("max_wal_size", "32MB")
                .start()) {
            PostgresFixture pg = withTable(small);
            LogStart first = start(pg.config("public.t"), SNAPSHOT);
            close(first);
            for (int i = 0; i < 4; i++) {
                pg.execute("SELECT pg_logical_emit_message(false, 'x', 'y')", "SELECT pg_switch_wal()");
            }
            pg.execute("CHECKPOINT");
            assertThat(slot(pg, "wal_status")).isEqualTo("lost");
            LogStart second = start(pg.config("public.t"), new StartFrom.Snapshot(2, first.epoch()));
            close(second);
            assertThat(second.epoch().number()).isEqualTo(2);
            assertThat(slot(pg, "wal_status")).isEqualTo("reserved");
            pg.execute("INSERT INTO t VALUES (1)");
            try (Database database = pg.config("public.t").open()) {
                assertThat(LogRows.read(database, second, database.discoverTables()))
                        .hasSize(1);
            }
        }
    }

    @Test
    void slot_of_something_else_is_never_dropped() throws Exception {
        PostgresFixture pg = withTable(server);
        pg.execute("SELECT pg_create_physical_replication_slot('slot_" + pg.database() + "')");
        refused(pg, new StartFrom.Snapshot(2, new SourceEpoch(1, "a/1")), ErrorCode.SLOT_UNUSABLE, "physical slot");
        assertThat(slot(pg, "slot_type")).isEqualTo("physical");
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void snapshot_alone_takes_no_more_than_select(PostgresVersion version) throws Exception {
        try (PostgresServer plain = PostgresServer.builder()
                .version(version)
                .setting("wal_level", "replica")
                .start()) {
            PostgresFixture pg = withTable(plain);
            pg.execute("CREATE ROLE reader LOGIN PASSWORD 'secret'", "GRANT SELECT ON t TO reader");
            PostgresConfig config = pg.configAs("reader", "secret", "public.t");
            LogStart start = start(config, new StartFrom.SnapshotOnly());
            try (GenerationSession session = Objects.requireNonNull(start.session())) {
                assertThat(session.isOpen()).isTrue();
                assertThat(start.epoch())
                        .isEqualTo(new SourceEpoch(
                                1, pg.single("SELECT system_identifier || '/1' FROM pg_control_system()")));
            }
            assertThat(pg.single("SELECT count(*) FROM pg_publication")).isEqualTo("0");
            assertThat(pg.single("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
            assertThat(errors(config, new StartFrom.SnapshotOnly())).isEmpty();
            assertThat(errors(config, new StartFrom.Now())).isNotEmpty();
            pg.execute("REVOKE SELECT ON t FROM reader");
            assertThat(errors(config, new StartFrom.SnapshotOnly()))
                    .singleElement()
                    .satisfies(found -> assertThat(found.remedy()).contains("GRANT SELECT"));
            assertThatThrownBy(() -> start(config, new StartFrom.SnapshotOnly()))
                    .hasMessageContainingAll("PRIVILEGE_MISSING", "GRANT SELECT");
        }
    }

    @Test
    void capture_without_existing_rows_begins_at_a_new_slot_or_where_the_slot_is() throws Exception {
        PostgresFixture pg = withTable(server);
        pg.execute("INSERT INTO t VALUES (1)");
        LogStart first = start(pg.config("public.t"), new StartFrom.Now());
        assertThat(first.session()).isNull();
        pg.execute("INSERT INTO t VALUES (2)");
        LogStart second = start(pg.config("public.t"), new StartFrom.Now());
        assertThat(second).isEqualTo(first);
        try (Database database = pg.config("public.t").open()) {
            database.verify(second.epoch(), second.token());
            assertThat(LogRows.read(database, second, database.discoverTables()))
                    .hasSize(1);
        }
    }

    @Test
    void capture_from_a_position_reads_what_committed_from_there_on() throws Exception {
        PostgresFixture pg = withTable(server);
        close(start(pg.config("public.t"), SNAPSHOT));
        pg.execute("INSERT INTO t VALUES (1)");
        String position = pg.single("SELECT pg_current_wal_insert_lsn()");
        pg.execute("INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)");
        StartFrom from = new StartFrom.At(position);
        assertThat(errors(pg.config("public.t"), from)).isEmpty();
        LogStart start = start(pg.config("public.t"), from);
        assertThat(start.session()).isNull();
        assertThat(PgResumeToken.of(start.token()).toString()).isEqualTo(position);
        try (Database database = pg.config("public.t").open()) {
            assertThat(LogRows.read(database, start, database.discoverTables())).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"16, CONFIG_INVALID, 16/B374D848", "0/1, POSITION_LOST, begins at", "FFFF/0, POSITION_LOST, log ends at"
    })
    void position_that_cannot_be_read_from_is_refused(String position, ErrorCode code, String message)
            throws Exception {
        PostgresFixture pg = withTable(server);
        close(start(pg.config("public.t"), SNAPSHOT));
        refused(pg, new StartFrom.At(position), code, message);
        assertThat(errors(pg.config("public.t"), new StartFrom.At(position)))
                .anySatisfy(
                        found -> assertThat(found.message() + found.remedy()).contains(message));
    }

    @Test
    void position_without_slot_is_refused() throws Exception {
        PostgresFixture pg = withTable(server);
        refused(pg, new StartFrom.At("0/1"), ErrorCode.POSITION_LOST, "there is no replication slot");
        assertThat(errors(pg.config("public.t"), new StartFrom.At("0/1")))
                .singleElement()
                .satisfies(found -> assertThat(found.remedy()).contains("pg_create_logical_replication_slot('slot_"));
        assertThat(pg.single("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }

    static PostgresFixture withTable(PostgresServer on) throws Exception {
        PostgresFixture pg = PostgresFixture.on(on);
        pg.execute("CREATE TABLE t (id int PRIMARY KEY)");
        return pg;
    }

    private static LogStart start(PostgresConfig config, StartFrom from) {
        try (Database database = config.open()) {
            return database.start(database.discoverTables(), from);
        }
    }

    private static void close(LogStart start) {
        Objects.requireNonNull(start.session()).close();
    }

    private static void refused(PostgresFixture pg, StartFrom from, ErrorCode code, String message) {
        assertThatThrownBy(() -> start(pg.config("public.t"), from))
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static String slot(PostgresFixture pg, String column) throws Exception {
        return pg.single(
                "SELECT " + column + " FROM pg_replication_slots WHERE slot_name = 'slot_" + pg.database() + "'");
    }

    private static List<Finding> errors(PostgresConfig config, StartFrom from) {
        return PostgresPreflight.run(config, from).stream()
                .filter(found -> found.severity() == Severity.ERROR)
                .toList();
    }
}
