package io.cdcsystem.source.postgres.stream;

import static io.cdcsystem.source.postgres.stream.LogFixture.events;
import static io.cdcsystem.source.postgres.stream.LogFixture.read;
import static io.cdcsystem.source.postgres.stream.LogFixture.readTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.signal.SignalSender;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signals in a real server's log, and tables that are captured while it is read. */
@Tag("S8")
@Tag("S9")
class PgLogSignalIT {
    private static final Map<PostgresVersion, PostgresServer> SERVERS = new EnumMap<>(PostgresVersion.class);
    private static final String PAUSE = "{\"id\":\"%s\",\"type\":\"pause-snapshot\",\"data\":{}}";

    private static LogFixture fixture(PostgresVersion version) {
        return new LogFixture(SERVERS.computeIfAbsent(
                version, v -> PostgresServer.builder().version(v).start()));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
        SERVERS.clear();
    }

    private static PgLogReader open(PostgresConfig config, LogSplit split) {
        return PgLogReader.open(config, split, LogFixture.STATUS_INTERVAL, LogFixture.LOOK_INTERVAL);
    }

    private static PostgresConfig withSignalTable(PostgresConfig config, String table) {
        return new PostgresConfig(
                config.hostname(),
                config.port(),
                config.database(),
                config.username(),
                config.password(),
                config.tables(),
                config.slotName(),
                config.publicationName(),
                config.connectionProperties(),
                config.select(),
                table);
    }

    private static String emit(LogFixture log, boolean transactional, String id) {
        return "SELECT pg_logical_emit_message(" + transactional + ", '"
                + SignalSender.messagePrefix(log.config.slotName()) + "', '" + PAUSE.formatted(id) + "')";
    }

    private static List<LogSignal> signals(List<LogBatch> batches) {
        return batches.stream().flatMap(batch -> batch.signals().stream()).toList();
    }

    private static List<String> ids(List<LogBatch> batches) {
        return signals(batches).stream().map(signal -> signal.signal().id()).toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_message_arrives_with_its_commit_and_never_after_a_rollback(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = log.capture("t");
        log.transaction(
                "INSERT INTO t VALUES (1)", emit(log, true, "a"), "INSERT INTO t VALUES (2)", emit(log, true, "b"));
        try (Connection connection = log.server.connect(log.database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (3)");
            statement.execute(emit(log, true, "rolled back"));
            connection.rollback();
            statement.execute("SAVEPOINT s");
            statement.execute(emit(log, true, "rolled back to savepoint"));
            statement.execute("ROLLBACK TO SAVEPOINT s");
            statement.execute(emit(log, true, "c"));
            connection.commit();
        }
        log.execute(
                emit(log, false, "not transactional"),
                "SELECT pg_logical_emit_message(true, 'cdc.signal:other', 'x')",
                "SELECT pg_logical_emit_message(true, 'outbox', 'x')");
        Signal sent = new Signal("d", "execute-snapshot", "{\"data-collections\":[\"public.t\"]}");
        try (SignalSender sender = new SignalSender(log.config)) {
            sender.send(sent);
        }
        log.transaction("INSERT INTO t VALUES (4)");
        try (PgLogReader reader = open(log.config, split)) {
            List<LogBatch> batches = readTo(reader, log.endOfLog().toToken());
            assertThat(ids(batches)).containsExactly("a", "b", "c", "d");
            List<LogSignal> signals = signals(batches);
            assertThat(signals.get(3).signal()).isEqualTo(sent);
            assertThat(signals).extracting(LogSignal::position).isSorted().doesNotHaveDuplicates();
            assertThat(events(batches))
                    .extracting(event -> event.position().ordinal())
                    .containsExactly(0, 1, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_big_transaction_that_is_resumed_within_gives_each_signal_once(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = log.capture("t");
        int half = PendingBatch.EVENTS_MAX;
        log.transaction(
                emit(log, true, "first"),
                "INSERT INTO t SELECT generate_series(1, " + half + ")",
                emit(log, true, "at the cut"),
                "INSERT INTO t SELECT generate_series(" + half + " + 1, " + 2 * half + ")",
                emit(log, true, "last"));
        LogBatch slice;
        try (PgLogReader reader = open(log.config, split)) {
            slice = read(reader, half).get(0);
        }
        assertThat(slice.changesAfter()).isEqualTo(half);
        assertThat(ids(List.of(slice))).containsExactly("first");
        LogSplit resumed = new LogSplit(
                split.epoch(), slice.boundary(), slice.changesAfter(), split.tables(), List.of(), split.end());
        try (PgLogReader reader = open(log.config, resumed)) {
            List<LogBatch> rest = readTo(reader, log.endOfLog().toToken());
            assertThat(ids(rest)).containsExactly("at the cut", "last");
            assertThat(signals(rest))
                    .extracting(signal -> signal.position().ordinal())
                    .containsExactly(1, 2);
            assertThat(events(rest)).hasSize(half);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void rows_inserted_into_the_signal_table_are_signals_and_no_events(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute(
                "CREATE SCHEMA ops",
                "CREATE TABLE ops.signals (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))",
                "CREATE TABLE ops.odd (id bigint PRIMARY KEY, type text NOT NULL, data jsonb, at timestamptz)",
                "CREATE DOMAIN ops.kind AS text",
                "CREATE TABLE ops.textual (id uuid PRIMARY KEY, type ops.kind NOT NULL, data json)",
                "CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = log.capture("t");
        String uuid = "00000000-0000-4000-8000-0000000000ff";
        for (String table : List.of("signals", "odd", "textual")) {
            String id = table.equals("textual") ? uuid : "7";
            log.transaction(
                    "INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t",
                    "INSERT INTO ops." + table + " VALUES ('" + id + "', 'log', '{\"message\": \"hey\"}')",
                    "UPDATE ops." + table + " SET type = 'pause-snapshot'",
                    "DELETE FROM ops." + table);
        }
        for (String table : List.of("signals", "odd", "textual")) {
            try (PgLogReader reader = open(withSignalTable(log.config, "ops." + table), split)) {
                List<LogBatch> batches = readTo(reader, log.endOfLog().toToken());
                assertThat(signals(batches)).as(table).singleElement().satisfies(signal -> {
                    String id = table.equals("textual") ? uuid : "7";
                    assertThat(signal.signal()).isEqualTo(new Signal(id, "log", "{\"message\": \"hey\"}"));
                    assertThat(signal.position().ordinal()).isZero();
                });
                assertThat(events(batches)).hasSize(3).allSatisfy(event -> assertThat(
                                event.table().id())
                        .isEqualTo(new TableId(log.database, "public", "t")));
                assertThat(reader.isBinary()).as(table).isEqualTo(!table.equals("textual"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_table_is_captured_from_the_call_on_and_another_no_longer(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE added (id int PRIMARY KEY, a text)");
        LogSplit split = log.capture("t");
        log.transaction("INSERT INTO t VALUES (1)", "INSERT INTO added VALUES (1, 'before')");
        try (PgLogReader reader = open(log.config, split)) {
            readTo(reader, log.endOfLog().toToken());
            List<CapturedTable> both = new ArrayList<>(split.tables());
            both.add(new CapturedTable(log.describe("added"), null));
            reader.capture(both);
            // The server describes a relation once a session: this one it has described already.
            log.transaction("INSERT INTO added VALUES (2, 'x')", "INSERT INTO t VALUES (2)");
            List<LogBatch> batches = readTo(reader, log.endOfLog().toToken());
            assertThat(events(batches))
                    .extracting(event ->
                            event.table().id().name() + " " + event.position().ordinal())
                    .containsExactly("added 0", "t 1");
            assertThat(events(batches).get(1).table())
                    .isSameAs(split.tables().get(0).schema());
            reader.capture(both.subList(1, 2));
            log.execute("ALTER TABLE added ADD COLUMN b int");
            log.transaction("INSERT INTO added VALUES (3, 'x', 5)", "INSERT INTO t VALUES (3)");
            batches = readTo(reader, log.endOfLog().toToken());
            assertThat(events(batches)).singleElement().satisfies(event -> {
                assertThat(event.position().ordinal()).isZero();
                assertThat(event.table().columns()).hasSize(3);
            });
            assertThat(batches.stream().flatMap(batch -> batch.newVersions().stream()))
                    .containsExactly(events(batches).get(0).table());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void an_added_table_without_binary_form_is_read_as_text_without_a_gap(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE opaque (id int PRIMARY KEY, p point)");
        LogSplit split = log.capture("t");
        log.transaction("INSERT INTO opaque VALUES (1, '(1,2)')", emit(log, true, "a"));
        try (PgLogReader reader = open(log.config, split)) {
            List<LogBatch> batches =
                    new ArrayList<>(readTo(reader, log.endOfLog().toToken()));
            assertThat(reader.isBinary()).isTrue();
            List<CapturedTable> both = new ArrayList<>(split.tables());
            both.add(new CapturedTable(log.describe("opaque"), null));
            reader.capture(both);
            assertThat(reader.isBinary()).isFalse();
            log.transaction("INSERT INTO opaque VALUES (2, '(3,4)')", emit(log, true, "b"), "INSERT INTO t VALUES (1)");
            batches.addAll(readTo(reader, log.endOfLog().toToken()));
            assertThat(events(batches))
                    .extracting(event ->
                            event.table().id().name() + " " + event.position().ordinal())
                    .containsExactly("opaque 0", "t 1");
            assertThat(ids(batches)).containsExactly("a", "b");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_sender_names_tables_and_refuses_a_condition_that_does_not_fit(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute(
                "CREATE SCHEMA other",
                "CREATE TABLE other.u (id int PRIMARY KEY)",
                "CREATE TABLE \"T 1\" (id int PRIMARY KEY)",
                "CREATE VIEW v AS SELECT 1");
        TableId table = new TableId(log.database, "public", "T 1");
        try (SignalSender sender = new SignalSender(log.config)) {
            assertThat(sender.slot()).isEmpty();
            assertThat(sender.tables()).containsExactly(new TableId(log.database, "other", "u"), table);
            assertThat(sender.configured(sender.tables())).containsExactly(table);
            sender.checkCondition(table, "id > 5 -- the new ones");
            assertThatThrownBy(() -> sender.checkCondition(table, "nosuch = 1"))
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("nosuch")
                    .hasMessageContaining("public.T 1");
        }
    }
}
