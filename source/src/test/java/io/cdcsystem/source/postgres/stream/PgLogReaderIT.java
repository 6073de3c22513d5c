package io.cdcsystem.source.postgres.stream;

import static io.cdcsystem.source.postgres.stream.LogFixture.changes;
import static io.cdcsystem.source.postgres.stream.LogFixture.events;
import static io.cdcsystem.source.postgres.stream.LogFixture.fields;
import static io.cdcsystem.source.postgres.stream.LogFixture.hex;
import static io.cdcsystem.source.postgres.stream.LogFixture.read;
import static io.cdcsystem.source.postgres.stream.LogFixture.readTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("L2")
@Tag("L7")
@Tag("L9")
@Tag("L11")
class PgLogReaderIT {
    private static final Map<PostgresVersion, PostgresServer> SERVERS = new EnumMap<>(PostgresVersion.class);

    private static LogFixture fixture(PostgresVersion version) {
        return new LogFixture(SERVERS.computeIfAbsent(version, v -> PostgresServer.builder()
                .version(v)
                .setting("wal_sender_timeout", "2s")
                .start()));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
        SERVERS.clear();
    }

    private static PgLogReader open(LogFixture log, LogSplit split) {
        return PgLogReader.open(log.config, split, LogFixture.STATUS_INTERVAL, LogFixture.LOOK_INTERVAL);
    }

    private static LogSplit at(LogSplit split, LogBatch batch) {
        return new LogSplit(
                split.epoch(), batch.boundary(), batch.changesAfter(), split.tables(), List.of(), split.end());
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void all_types_give_the_same_rows_in_binary_and_text_form(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute(AllTypes.PRELUDE.toArray(new String[0]));
        log.execute(AllTypes.createTable("t"), "CREATE TABLE opaque (id int PRIMARY KEY, p point)");
        LogSplit binarySplit = log.capture("t");
        for (int row = 0; row < AllTypes.rows(); row++) {
            log.execute(AllTypes.insert("t", row));
        }
        List<RowChange> binary;
        try (PgLogReader reader = open(log, binarySplit)) {
            binary = changes(read(reader, AllTypes.rows()));
            assertThat(reader.isBinary()).isTrue();
        }
        var tables = new ArrayList<>(binarySplit.tables());
        tables.add(new io.cdcsystem.source.split.CapturedTable(log.describe("opaque"), null));
        List<RowChange> text;
        try (PgLogReader reader =
                open(log, new LogSplit(binarySplit.epoch(), binarySplit.boundary(), 0, tables, List.of(), null))) {
            text = changes(read(reader, AllTypes.rows()));
            assertThat(reader.isBinary()).isFalse();
        }
        for (int row = 0; row < AllTypes.rows(); row++) {
            List<String> fields = fields(binary.get(row).after());
            for (int i = 0; i < AllTypes.SAMPLES.size(); i++) {
                assertThat(fields(text.get(row).after()).get(i + 1))
                        .as("row %s, %s", row, AllTypes.SAMPLES.get(i))
                        .isEqualTo(fields.get(i + 1));
                assertThat(fields.get(i + 1).equals("null"))
                        .as("row %s, %s is null", row, AllTypes.SAMPLES.get(i))
                        .isEqualTo(row >= AllTypes.SAMPLES.get(i).literals().size());
            }
            assertThat(binary.get(row).table())
                    .isSameAs(binarySplit.tables().get(0).schema());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void every_replica_identity_tells_what_it_has_and_no_more(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute(
                "CREATE TABLE d (id int PRIMARY KEY, a text NOT NULL, b int)",
                "CREATE TABLE f (id int PRIMARY KEY, a text NOT NULL, b int)",
                "ALTER TABLE f REPLICA IDENTITY FULL",
                "CREATE TABLE i (id int PRIMARY KEY, a text NOT NULL, b int)",
                "CREATE UNIQUE INDEX i_a ON i (a)",
                "ALTER TABLE i REPLICA IDENTITY USING INDEX i_a");
        LogSplit split = log.capture("d", "f", "i");
        for (String table : List.of("d", "f", "i")) {
            log.transaction(
                    "INSERT INTO " + table + " VALUES (1, 'x', NULL)",
                    "UPDATE " + table + " SET b = 2",
                    "UPDATE " + table + " SET id = 9, a = 'y'",
                    "DELETE FROM " + table);
        }
        try (PgLogReader reader = open(log, split)) {
            List<RowChange> changes = changes(read(reader, 12));
            assertThat(changes.stream().map(RowChange::op)).startsWith(Op.CREATE, Op.UPDATE, Op.UPDATE, Op.DELETE);
            assertThat(changes.stream().map(c -> c.position().ordinal()).limit(5))
                    .containsExactly(0, 1, 2, 3, 0);
            assertThat(changes.get(1).before()).isNull();
            assertThat(fields(changes.get(2).before())).containsExactly(hex(1), "absent", "absent");
            assertThat(fields(changes.get(2).after())).containsExactly(hex(9), hex("y"), hex(2));
            assertThat(fields(changes.get(3).before())).containsExactly(hex(9), "absent", "absent");
            assertThat(fields(changes.get(5).before())).containsExactly(hex(1), hex("x"), "null");
            assertThat(fields(changes.get(7).before())).containsExactly(hex(9), hex("y"), hex(2));
            assertThat(changes.get(9).before()).isNull();
            assertThat(fields(changes.get(10).before())).containsExactly("absent", hex("x"), "absent");
            assertThat(fields(changes.get(11).before())).containsExactly("absent", hex("y"), "absent");
            assertThat(changes.get(4).transaction().previousCommit())
                    .isEqualTo(changes.get(0).transaction().commit());
            assertThat(changes.get(0).transaction().commitMicros()).isGreaterThan(1_700_000_000_000_000L);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void an_unchanged_toasted_value_is_marked(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute(
                "CREATE TABLE t (id int PRIMARY KEY, big text, n int)", "ALTER TABLE t ALTER big SET STORAGE EXTERNAL");
        LogSplit split = log.capture("t");
        log.execute("INSERT INTO t VALUES (1, repeat('x', 10000), 1)", "UPDATE t SET n = 2");
        try (PgLogReader reader = open(log, split)) {
            List<RowChange> changes = changes(read(reader, 2));
            assertThat(fields(changes.get(0).after()).get(1)).isEqualTo(hex("x".repeat(10000)));
            assertThat(fields(changes.get(1).after())).containsExactly(hex(1), "unchanged", hex(2));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_truncate_counts_every_table_and_tells_of_captured_ones(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE a (id int)", "CREATE TABLE b (id int)", "CREATE TABLE other (id int)");
        LogSplit split = log.capture("a", "b");
        log.transaction("TRUNCATE a, other, b", "INSERT INTO a VALUES (1)");
        try (PgLogReader reader = open(log, split)) {
            List<SourceEvent> events = events(read(reader, 3));
            assertThat(events.get(0)).isInstanceOf(TableTruncated.class);
            assertThat(events.get(1)).isInstanceOf(TableTruncated.class);
            assertThat(List.of(
                            events.get(0).table().id().name(),
                            events.get(1).table().id().name()))
                    .containsExactlyInAnyOrder("a", "b");
            assertThat(events.get(2).position().ordinal()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_big_transaction_comes_in_slices_and_is_resumed_within(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY, a text)");
        LogSplit split = log.capture("t");
        log.execute("INSERT INTO t VALUES (0, 'before')");
        log.execute("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 30000) i");
        log.execute("INSERT INTO t VALUES (30001, 'after')");
        List<SourceEvent> events = new ArrayList<>();
        LogSplit next = split;
        while (events.size() < 30002) {
            // Begun anew after every batch: what is handed over must be exactly what a restart does not repeat.
            try (PgLogReader reader = open(log, next)) {
                LogBatch batch = Awaitility.await()
                        .atMost(Duration.ofMinutes(2))
                        .until(() -> reader.poll(Duration.ofMillis(500)), b -> b != null);
                assertThat(batch.events()).hasSizeLessThanOrEqualTo(PendingBatch.EVENTS_MAX);
                events.addAll(batch.events());
                next = at(split, batch);
            }
        }
        assertThat(events).hasSize(30002);
        for (int i = 0; i < events.size(); i++) {
            assertThat(fields(((RowChange) events.get(i)).after()).get(0)).isEqualTo(hex(i));
            assertThat(events.get(i).position().ordinal()).isEqualTo(i == 0 || i == 30001 ? 0 : i - 1);
        }
        assertThat(next.changesAfter()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void an_added_column_begins_a_version_in_the_middle_of_a_transaction(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)");
        LogSplit split = log.capture("t");
        log.transaction(
                "INSERT INTO t VALUES (1, 'x')",
                "ALTER TABLE t ADD COLUMN b numeric(5,1)",
                "INSERT INTO t VALUES (2, 'y', 1.5)");
        try (PgLogReader reader = open(log, split)) {
            List<LogBatch> batches = read(reader, 2);
            List<RowChange> changes = changes(batches);
            TableSchema first = split.tables().get(0).schema();
            TableSchema second = changes.get(1).table();
            assertThat(changes.get(0).table()).isSameAs(first);
            assertThat(second.columns()).startsWith(first.columns().toArray(new io.cdcsystem.schema.table.Column[0]));
            assertThat(second.columns().get(2).nullable()).isTrue();
            assertThat(second.columns().get(2).sourceType()).isEqualTo("numeric(5,1)");
            assertThat(second.primaryKey()).containsExactly("id");
            assertThat(batches.stream().flatMap(b -> b.newVersions().stream())).containsExactly(second);
            assertThat(fields(changes.get(1).after())).containsExactly(hex(2), hex("y"), hex(1) + "0f");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void a_type_without_known_binary_form_turns_the_stream_to_text_without_a_gap(PostgresVersion version)
            throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY, n numeric(5,1))", "CREATE TYPE pair AS (x int, y text)");
        LogSplit split = log.capture("t");
        log.execute("INSERT INTO t VALUES (0, 0.5)");
        log.transaction(
                "INSERT INTO t VALUES (1, 1.5)",
                "INSERT INTO t VALUES (2, 2.5)",
                "ALTER TABLE t ADD COLUMN p point, ADD COLUMN c pair",
                "INSERT INTO t VALUES (3, 3.5, '(1,2)', '(4,\"a b\")')");
        log.execute("INSERT INTO t VALUES (4, 4.5)");
        try (PgLogReader reader = open(log, split)) {
            List<RowChange> changes = changes(read(reader, 5));
            assertThat(reader.isBinary()).isFalse();
            for (int i = 0; i < 5; i++) {
                assertThat(fields(changes.get(i).after()).get(0)).isEqualTo(hex(i));
            }
            assertThat(changes.stream().map(c -> c.position().ordinal())).containsExactly(0, 0, 1, 2, 0);
            assertThat(changes.get(3).table().columns().get(2).type().kind()).isEqualTo(Kind.OPAQUE);
            assertThat(fields(changes.get(3).after()))
                    .containsExactly(hex(3), hex(1) + "23", hex("(1,2)"), hex("(4,\"a b\")"));
            assertThat(changes.get(2).transaction()).isEqualTo(changes.get(1).transaction());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V14", "V18"})
    void confirming_an_idle_position_lets_the_server_forget_its_log(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = log.capture("t");
        String elsewhere = log.server.createDatabase();
        log.server.execute(elsewhere, "CREATE TABLE x AS SELECT generate_series(1, 1000) i");
        PgResumeToken end = log.endOfLog();
        try (PgLogReader reader = open(log, split)) {
            List<LogBatch> batches = readTo(reader, end.toToken());
            assertThat(events(batches)).isEmpty();
            reader.confirm(batches.get(batches.size() - 1).boundary());
            reader.confirm(split.boundary());
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> Long.compareUnsigned(log.confirmed().lsn(), end.lsn()) >= 0);
            assertThat(reader.progress().bytesBehind()).isNotNegative();
        }
        // The old position is behind the slot now: the server would begin elsewhere without a word.
        assertThatThrownBy(() -> open(log, split).close())
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("POSITION_LOST")
                .hasMessageContaining(log.config.slotName());
    }

    @ParameterizedTest
    @EnumSource(names = {"V18"})
    void the_stream_outlives_the_senders_timeout_while_nobody_polls(PostgresVersion version) throws SQLException {
        LogFixture log = fixture(version);
        log.execute("CREATE TABLE t (id int PRIMARY KEY, a text)");
        LogSplit split = log.capture("t");
        try (PgLogReader reader = open(log, split)) {
            String walsender = log.query(
                    "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + log.config.slotName() + "'");
            // More than socket buffers hold, so that the server is blocked in writing as under backpressure.
            log.execute("INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i");
            long begun = System.nanoTime();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(500))
                    .atMost(Duration.ofMinutes(2))
                    .until(() ->
                            System.nanoTime() - begun > Duration.ofSeconds(6).toNanos());
            assertThat(log.query("SELECT active_pid FROM pg_replication_slots WHERE slot_name = '"
                            + log.config.slotName() + "'"))
                    .isEqualTo(walsender);
            assertThat(events(read(reader, 20000))).hasSize(20000);
        }
    }
}
