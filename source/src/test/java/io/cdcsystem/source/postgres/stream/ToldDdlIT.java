package io.cdcsystem.source.postgres.stream;

import static io.cdcsystem.source.postgres.stream.DdlFixture.changes;
import static io.cdcsystem.source.postgres.stream.DdlFixture.signals;
import static io.cdcsystem.source.postgres.stream.DdlFixture.versions;
import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.signal.SignalParser;
import io.cdcsystem.source.signal.SnapshotCommand;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Definitions as the event triggers write them into a real server's log. */
@Tag("L3")
@Tag("E2")
@Tag("E10")
class ToldDdlIT {
    private static final Map<PostgresVersion, PostgresServer> SERVERS = new EnumMap<>(PostgresVersion.class);

    private static DdlFixture fixture(PostgresVersion version) throws SQLException {
        return new DdlFixture(
                SERVERS.computeIfAbsent(
                        version, v -> PostgresServer.builder().version(v).start()),
                true);
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
        SERVERS.clear();
    }

    private static TableChange single(List<LogBatch> batches) {
        assertThat(changes(batches)).hasSize(1);
        return changes(batches).get(0);
    }

    @ParameterizedTest
    @EnumSource
    void every_alteration_is_told_as_a_discovery_finds_it(PostgresVersion version) throws Exception {
        DdlFixture ddl = fixture(version);
        ddl.log.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                "CREATE SEQUENCE s",
                "CREATE TABLE t (id int NOT NULL, a varchar(10), m mood, big bigint NOT NULL DEFAULT 0)");
        List<String> rewriting = List.of(
                "ALTER TABLE t ALTER big TYPE int",
                "ALTER TABLE t ADD v float8 NOT NULL DEFAULT random()",
                "ALTER TABLE t ADD g int GENERATED ALWAYS AS IDENTITY");
        List<String> statements = List.of(
                "ALTER TABLE t ADD z text NOT NULL DEFAULT 'x''y'",
                "ALTER TABLE t ADD n text",
                "ALTER TABLE t ADD c int DEFAULT 42",
                "ALTER TABLE t ADD f timestamptz DEFAULT now()",
                rewriting.get(1),
                "ALTER TABLE t ADD e mood DEFAULT 'ok'",
                "ALTER TABLE t DROP n",
                "ALTER TABLE t ALTER c SET DEFAULT 43",
                "ALTER TABLE t ALTER c DROP DEFAULT",
                "ALTER TABLE t ALTER z SET DEFAULT nextval('s')::text",
                "ALTER TABLE t ALTER a SET NOT NULL",
                "ALTER TABLE t ALTER a DROP NOT NULL",
                "ALTER TABLE t ALTER a TYPE text",
                rewriting.get(0),
                "ALTER TABLE t ADD PRIMARY KEY (id)",
                "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (z, id)",
                rewriting.get(2),
                "ALTER TYPE mood ADD VALUE 'happy' BEFORE 'ok'",
                "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
                "DROP SEQUENCE s CASCADE");
        LogSplit split = ddl.capture("t");
        TableSchema before = ddl.discovered("t");
        try (PgLogReader reader = ddl.open(split)) {
            for (String statement : statements) {
                ddl.log.execute(statement);
                TableSchema now = ddl.discovered("t");
                List<LogBatch> batches = ddl.read(reader);
                assertThat(changes(batches))
                        .as(statement)
                        .containsExactly(new TableChange(
                                before, now, Map.of(), rewriting.contains(statement), ChangeOrigin.DDL, statement));
                assertThat(versions(batches)).containsExactly(now);
                assertThat(signals(batches)).as(statement).hasSize(rewriting.contains(statement) ? 1 : 0);
                ddl.log.execute("INSERT INTO t (id, a, z, big) VALUES (" + statement.hashCode() + ", 'a', 'z', 1)");
                List<LogBatch> rows = ddl.read(reader);
                assertThat(changes(rows)).as("behind a row after %s", statement).isEmpty();
                assertThat(LogFixture.events(rows).get(0).table()).isEqualTo(now);
                before = now;
            }
            ddl.log.execute("ALTER TABLE t RENAME COLUMN a TO b");
            assertThat(single(ddl.read(reader)).renamedColumns()).isEqualTo(Map.of("a", "b"));
            ddl.log.execute(
                    "CREATE INDEX i ON t (b)",
                    "CREATE INDEX CONCURRENTLY j ON t (c)",
                    "COMMENT ON TABLE t IS 'x'",
                    "ALTER TABLE t SET (fillfactor = 50)",
                    "ALTER TABLE t CLUSTER ON i",
                    "CLUSTER t",
                    "CREATE TABLE elsewhere (x int)");
            List<LogBatch> quiet = ddl.read(reader);
            assertThat(changes(quiet)).isEmpty();
            assertThat(signals(quiet)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void tables_are_renamed_moved_dropped_and_made_again(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version);
        ddl.log.execute("CREATE SCHEMA away", "CREATE TABLE t (id int PRIMARY KEY, a text)");
        LogSplit split = ddl.capture("t");
        TableSchema first = ddl.discovered("t");
        try (PgLogReader reader = ddl.open(split)) {
            ddl.log.execute("ALTER TABLE t RENAME TO u", "INSERT INTO u VALUES (1, 'x')");
            List<LogBatch> renamed = ddl.read(reader);
            TableSchema second = ddl.discovered("u");
            assertThat(single(renamed))
                    .isEqualTo(new TableChange(
                            first, second, Map.of(), false, ChangeOrigin.DDL, "ALTER TABLE t RENAME TO u"));
            assertThat(LogFixture.events(renamed).get(0).table()).isEqualTo(second);

            ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY, other int)", "INSERT INTO t VALUES (1, 2)");
            List<LogBatch> taken = ddl.read(reader);
            assertThat(single(taken).before()).isNull();
            assertThat(single(taken).after()).isEqualTo(ddl.discovered("t"));
            assertThat(LogFixture.events(taken)).hasSize(1);

            ddl.log.transaction("DROP TABLE u", "CREATE TABLE u (id int PRIMARY KEY, a text, b int DEFAULT 7)");
            assertThat(changes(ddl.read(reader)))
                    .containsExactly(
                            new TableChange(second, null, Map.of(), false, ChangeOrigin.DDL, "DROP TABLE u"),
                            new TableChange(
                                    null,
                                    ddl.discovered("u"),
                                    Map.of(),
                                    false,
                                    ChangeOrigin.DDL,
                                    "CREATE TABLE u (id int PRIMARY KEY, a text, b int DEFAULT 7)"));

            ddl.log.execute("ALTER TABLE u SET SCHEMA away", "INSERT INTO away.u VALUES (2, 'y')");
            List<LogBatch> moved = ddl.read(reader);
            assertThat(single(moved).after()).isEqualTo(ddl.discovered(new TableId(ddl.log.database, "away", "u")));
            assertThat(versions(moved)).isEmpty();
            assertThat(LogFixture.events(moved)).isEmpty();

            ddl.log.execute("DROP TABLE away.u");
            assertThat(changes(ddl.read(reader))).isEmpty();
            ddl.log.execute("DROP SCHEMA public CASCADE", "CREATE SCHEMA public");
            assertThat(single(ddl.read(reader)).after()).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_transaction_with_definitions_in_it_splits_where_they_stand(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = ddl.capture("t");
        try (PgLogReader reader = ddl.open(split)) {
            ddl.log.transaction(
                    "INSERT INTO t VALUES (1)",
                    "ALTER TABLE t ADD a int DEFAULT 5",
                    "INSERT INTO t VALUES (2)",
                    "SAVEPOINT s",
                    "ALTER TABLE t ADD lost int",
                    "INSERT INTO t VALUES (3)",
                    "ROLLBACK TO s",
                    "ALTER TABLE t ADD b text",
                    "INSERT INTO t VALUES (4)");
            ddl.log.execute("BEGIN; ALTER TABLE t ADD never int; ROLLBACK");
            List<LogBatch> batches = ddl.read(reader);
            assertThat(batches.stream().filter(batch -> !batch.changes().isEmpty()))
                    .hasSize(1);
            LogBatch batch = batches.stream()
                    .filter(one -> !one.changes().isEmpty())
                    .findFirst()
                    .orElseThrow();
            List<SourceEvent> events = batch.events();
            assertThat(batch.changes()).extracting(DefinitionChange::before).containsExactly(1, 2);
            assertThat(batch.changes())
                    .extracting(DefinitionChange::position)
                    .extracting(Position::ordinal)
                    .containsExactly(1, 2);
            assertThat(events).hasSize(3);
            assertThat(events.get(0).table()).isSameAs(split.tables().get(0).schema());
            assertThat(events.get(1).table())
                    .isSameAs(batch.changes().get(0).change().after());
            assertThat(events.get(2).table())
                    .isSameAs(batch.changes().get(1).change().after())
                    .isEqualTo(ddl.discovered("t"));
            assertThat(batch.changes().get(1).transaction())
                    .isEqualTo(events.get(0).transaction());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_reading_resumed_within_a_transaction_neither_loses_nor_doubles(PostgresVersion version) throws Exception {
        DdlFixture ddl = fixture(version);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY, a int)");
        LogSplit split = ddl.capture("t");
        ddl.log.transaction(
                "INSERT INTO t SELECT i, 1 FROM generate_series(1, 20000) i",
                "ALTER TABLE t ALTER a TYPE bigint",
                "INSERT INTO t SELECT i, 1 FROM generate_series(20001, 30000) i",
                "ALTER TABLE t ADD b int DEFAULT 9",
                "INSERT INTO t SELECT i, 1, 2 FROM generate_series(30001, 40000) i");
        List<LogBatch> all = new ArrayList<>();
        LogSplit at = split;
        while (LogFixture.events(all).size() < 40000) {
            try (PgLogReader reader = ddl.open(at)) {
                LogBatch batch = null;
                long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
                while (batch == null) {
                    batch = reader.poll(Duration.ofMillis(200));
                    assertThat(System.nanoTime()).isLessThan(deadline);
                }
                all.add(batch);
                List<CapturedTable> tables = new ArrayList<>(at.tables());
                for (TableSchema newer : batch.newVersions()) {
                    tables.set(0, new CapturedTable(newer, null));
                }
                at = new LogSplit(at.epoch(), batch.boundary(), batch.changesAfter(), tables, List.of(), null);
            }
        }
        assertThat(all).hasSizeGreaterThan(4);
        assertThat(changes(all)).hasSize(2);
        assertThat(changes(all)).extracting(TableChange::rewritten).containsExactly(true, false);
        assertThat(signals(all)).hasSize(1);
        assertThat(LogFixture.events(all)).hasSize(40000);
        List<SourceEvent> events = LogFixture.events(all);
        for (int i = 0; i < events.size(); i++) {
            TableSchema expected = i < 20000
                    ? split.tables().get(0).schema()
                    : Objects.requireNonNull(changes(all).get(i < 30000 ? 0 : 1).after());
            assertThat(events.get(i).position().ordinal()).isEqualTo(i);
            if (!events.get(i).table().equals(expected)) {
                throw new AssertionError("row " + i + " is of " + events.get(i).table());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_rewrite_asks_for_the_table_to_be_read_again(PostgresVersion version) throws Exception {
        DdlFixture ddl = fixture(version);
        ddl.log.execute("CREATE TABLE \"we\"\"ird.T\" (id int PRIMARY KEY, a int)", "CREATE TABLE other (id int)");
        LogSplit split = ddl.capture("we\"ird.T");
        ddl.log.transaction(
                "ALTER TABLE other ALTER id TYPE bigint",
                "ALTER TABLE \"we\"\"ird.T\" ALTER a TYPE text",
                "ALTER TABLE \"we\"\"ird.T\" ADD c int");
        for (int reading = 0; reading < 2; reading++) {
            try (PgLogReader reader = ddl.open(split)) {
                List<LogBatch> batches = ddl.read(reader);
                assertThat(changes(batches)).extracting(TableChange::rewritten).containsExactly(true, false);
                assertThat(signals(batches)).hasSize(1);
                assertThat(signals(batches).get(0).position().ordinal()).isEqualTo(1);
                SnapshotCommand command =
                        SignalParser.parse(signals(batches).get(0).signal());
                assertThat(command).isInstanceOf(SnapshotCommand.ExecuteSnapshot.class);
                assertThat(((SnapshotCommand.ExecuteSnapshot) command).matches(ddl.id("we\"ird.T")))
                        .isTrue();
                assertThat(((SnapshotCommand.ExecuteSnapshot) command).matches(ddl.id("other")))
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_partitioned_table_changes_as_one(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version);
        ddl.log.execute(
                "CREATE TABLE p (id int PRIMARY KEY, a int) PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)");
        LogSplit split = ddl.capture("p");
        ddl.log.execute("ALTER PUBLICATION \"Pub \"\"1\"\"\" SET (publish_via_partition_root = true)");
        try (PgLogReader reader = ddl.open(split)) {
            ddl.log.execute("ALTER TABLE p ALTER a TYPE bigint", "INSERT INTO p VALUES (1, 2), (11, 3)");
            List<LogBatch> rewritten = ddl.read(reader);
            assertThat(single(rewritten).rewritten()).isTrue();
            assertThat(single(rewritten).after()).isEqualTo(ddl.discovered("p"));
            assertThat(signals(rewritten)).hasSize(1);
            assertThat(LogFixture.events(rewritten)).hasSize(2).allMatch(event -> event.table()
                    .equals(single(rewritten).after()));
            ddl.log.execute(
                    "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (20) TO (30)",
                    "ALTER TABLE p1 ALTER a SET DEFAULT 3",
                    "ALTER TABLE p DETACH PARTITION p3",
                    "DROP TABLE p2");
            assertThat(changes(ddl.read(reader))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V16", "V18"})
    void a_publications_column_list_decides_what_is_told(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY, a text, b text)");
        LogSplit whole = ddl.capture("t");
        ddl.log.execute(
                "DROP PUBLICATION \"Pub \"\"1\"\"\"", "CREATE PUBLICATION \"Pub \"\"1\"\"\" FOR TABLE t (id, a)");
        TableSchema before = ddl.discovered("t");
        assertThat(before.columns()).hasSize(2);
        try (PgLogReader reader = ddl.open(whole.assigned(List.of(new CapturedTable(before, null)), null))) {
            ddl.log.execute("ALTER TABLE t ADD c int", "ALTER TABLE t DROP b", "INSERT INTO t VALUES (1, 'x')");
            List<LogBatch> quiet = ddl.read(reader);
            assertThat(changes(quiet)).isEmpty();
            assertThat(LogFixture.events(quiet).get(0).table()).isEqualTo(before);
            ddl.log.execute("ALTER TABLE t RENAME a TO z");
            TableChange renamed = single(ddl.read(reader));
            assertThat(renamed.renamedColumns()).isEqualTo(Map.of("a", "z"));
            assertThat(renamed.after()).isEqualTo(ddl.discovered("t"));
            ddl.log.execute("ALTER PUBLICATION \"Pub \"\"1\"\"\" SET TABLE t (id, c)");
            assertThat(single(ddl.read(reader)).after()).isEqualTo(ddl.discovered("t"));
            ddl.log.execute("INSERT INTO t VALUES (2, 'x', 3)");
            assertThat(changes(ddl.read(reader))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_must_not_fail_does_not(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version);
        String role = "plain_" + ddl.log.database;
        ddl.log.execute(
                "CREATE ROLE " + role + " LOGIN PASSWORD 'pw'",
                "CREATE SCHEMA own AUTHORIZATION " + role,
                "CREATE TABLE t (id int PRIMARY KEY)",
                "ALTER TABLE t OWNER TO " + role);
        LogSplit split = ddl.capture("t");
        try (Connection connection = ddl.log.server.connect(ddl.log.database, role, "pw");
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "ALTER TABLE t ADD a int",
                    "CREATE TABLE own.c AS SELECT 1 AS x",
                    "SELECT 2 AS y INTO own.d",
                    "CREATE TEMP TABLE t (x text)",
                    "ALTER TABLE pg_temp.t ADD y int",
                    "ALTER TABLE pg_temp.t ALTER x TYPE int USING x::int",
                    "DROP TABLE pg_temp.t",
                    "CREATE UNLOGGED TABLE own.u (x int)",
                    "ALTER TABLE own.u ALTER x TYPE bigint",
                    "ALTER TABLE own.u SET LOGGED",
                    "CREATE INDEX CONCURRENTLY own_c ON own.c (x)",
                    "CREATE VIEW own.v AS SELECT * FROM own.c",
                    "CREATE MATERIALIZED VIEW own.m AS SELECT * FROM own.c",
                    "REFRESH MATERIALIZED VIEW own.m",
                    "CREATE TABLE own.parent (x int)",
                    "CREATE TABLE own.child () INHERITS (own.parent)",
                    "ALTER TABLE own.parent ADD y int",
                    "SET cdc_system.rewritten = 'x,99999999999999999999,9'",
                    "ALTER TABLE own.parent ADD z int",
                    "DO $$ BEGIN EXECUTE 'CREATE TABLE own.inner_t (x int)'; RAISE EXCEPTION 'x';"
                            + " EXCEPTION WHEN OTHERS THEN NULL; END $$",
                    "DROP TABLE own.c CASCADE",
                    "DROP OWNED BY CURRENT_USER")) {
                statement.execute(sql);
            }
        }
        ddl.log.execute(
                "CREATE TYPE e AS ENUM ('a')",
                "BEGIN; ALTER TYPE e ADD VALUE 'b'; COMMIT",
                "CREATE EXTENSION IF NOT EXISTS plpgsql",
                "DROP TYPE e");
        try (PgLogReader reader = ddl.open(split)) {
            List<TableChange> changes = changes(ddl.read(reader));
            assertThat(changes).hasSize(2);
            assertThat(changes.get(0).statement()).isEqualTo("ALTER TABLE t ADD a int");
            assertThat(changes.get(1).after()).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void without_the_triggers_it_goes_on_by_inference(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = ddl.capture("t");
        try (PgLogReader reader = ddl.open(split)) {
            ddl.log.execute("SET cdc.ddl_capture = off; ALTER TABLE t ADD unseen int DEFAULT 3");
            assertThat(changes(ddl.read(reader))).isEmpty();
            ddl.log.execute("INSERT INTO t VALUES (1)");
            assertThat(single(ddl.read(reader)).origin()).isEqualTo(ChangeOrigin.INFERRED);
            ddl.log.execute("ALTER TABLE t ADD seen int");
            TableChange told = single(ddl.read(reader));
            assertThat(told.origin()).isEqualTo(ChangeOrigin.DDL);
            assertThat(told.after()).isEqualTo(ddl.discovered("t"));
            ddl.log.execute("DROP SCHEMA cdc_system CASCADE", "ALTER TABLE t ADD later int");
            assertThat(changes(ddl.read(reader))).isEmpty();
            ddl.log.execute("INSERT INTO t VALUES (2)");
            assertThat(single(ddl.read(reader)).origin()).isEqualTo(ChangeOrigin.INFERRED);
        }
    }
}
