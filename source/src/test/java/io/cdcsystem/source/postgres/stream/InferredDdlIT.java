package io.cdcsystem.source.postgres.stream;

import static io.cdcsystem.source.postgres.stream.DdlFixture.changes;
import static io.cdcsystem.source.postgres.stream.DdlFixture.signals;
import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.sql.SQLException;
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

/** What a real server's log tells of definitions where no event triggers are installed. */
@Tag("L3")
@Tag("E10")
class InferredDdlIT {
    private static final Map<PostgresVersion, PostgresServer> SERVERS = new EnumMap<>(PostgresVersion.class);

    private static DdlFixture fixture(PostgresVersion version, boolean triggers) throws SQLException {
        return new DdlFixture(
                SERVERS.computeIfAbsent(
                        version, v -> PostgresServer.builder().version(v).start()),
                triggers);
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
        SERVERS.clear();
    }

    @ParameterizedTest
    @EnumSource
    void rows_tell_what_became_of_their_table(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version, false);
        ddl.log.execute("CREATE TYPE mood AS ENUM ('sad')", "CREATE TABLE t (id int PRIMARY KEY, a int, m mood)");
        LogSplit split = ddl.capture("t");
        TableSchema before = ddl.discovered("t");
        // Whether the rows that follow tell it.
        List<Map.Entry<String, Boolean>> statements = List.of(
                Map.entry("ALTER TABLE t ADD n text", true),
                Map.entry("ALTER TABLE t ADD c int DEFAULT 42", true),
                Map.entry("ALTER TABLE t ALTER c SET DEFAULT 43", false),
                Map.entry("ALTER TABLE t RENAME n TO renamed", true),
                Map.entry("ALTER TABLE t DROP renamed", true),
                Map.entry("ALTER TABLE t ALTER a TYPE bigint", true),
                Map.entry("ALTER TYPE mood ADD VALUE 'happy'", false),
                Map.entry("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id, c)", true),
                Map.entry("ALTER TABLE t RENAME TO u", true));
        String name = "t";
        try (PgLogReader reader = ddl.open(split)) {
            for (Map.Entry<String, Boolean> statement : statements) {
                ddl.log.execute(statement.getKey());
                assertThat(changes(ddl.read(reader))).isEmpty();
                name = statement.getKey().endsWith("RENAME TO u") ? "u" : name;
                String filled = statement.getKey().contains("ADD n ") ? "a" : "c";
                ddl.log.execute("INSERT INTO " + name + " (id, " + filled + ") VALUES ("
                        + statement.getKey().hashCode() + ", 1)");
                List<LogBatch> batches = ddl.read(reader);
                TableSchema after = LogFixture.events(batches).get(0).table();
                if (statement.getValue()) {
                    assertThat(changes(batches))
                            .as(statement.getKey())
                            .containsExactly(TableChange.inferred(before, after));
                    assertThat(after.columns())
                            .extracting(column -> column.name() + column.sourceType())
                            .isEqualTo(ddl.discovered(name).columns().stream()
                                    .map(column -> column.name() + column.sourceType())
                                    .toList());
                    assertThat(after.primaryKey())
                            .isEqualTo(ddl.discovered(name).primaryKey());
                    assertThat(after.id()).isEqualTo(ddl.id(name));
                }
                assertThat(signals(batches)).isEmpty();
                before = after;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_transaction_splits_where_the_form_of_its_rows_changes(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version, false);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY)");
        LogSplit split = ddl.capture("t");
        try (PgLogReader reader = ddl.open(split)) {
            ddl.log.transaction(
                    "INSERT INTO t VALUES (1)",
                    "ALTER TABLE t ADD a int",
                    "INSERT INTO t VALUES (2)",
                    "SAVEPOINT s",
                    "ALTER TABLE t ADD lost int",
                    "ROLLBACK TO s",
                    "ALTER TABLE t ADD b text",
                    "INSERT INTO t VALUES (4)");
            LogBatch batch = ddl.read(reader).stream()
                    .filter(one -> !one.changes().isEmpty())
                    .findFirst()
                    .orElseThrow();
            List<SourceEvent> events = batch.events();
            assertThat(batch.changes()).extracting(DefinitionChange::before).containsExactly(1, 2);
            assertThat(events.get(0).table()).isSameAs(split.tables().get(0).schema());
            assertThat(events.get(1).table())
                    .isSameAs(batch.changes().get(0).change().after());
            assertThat(events.get(2).table())
                    .isSameAs(batch.changes().get(1).change().after());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_look_at_the_catalog_finds_dropped_tables_behind_their_rows(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version, false);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE r (id int PRIMARY KEY)");
        LogSplit split = ddl.capture("t", "r");
        TableSchema before = ddl.discovered("t");
        try (PgLogReader reader = ddl.open(split, LogFixture.LOOK_INTERVAL)) {
            ddl.log.execute("INSERT INTO r VALUES (1)");
            ddl.read(reader);
            ddl.log.execute("ALTER TABLE r RENAME TO q", "INSERT INTO t VALUES (1)", "DROP TABLE t");
            List<LogBatch> batches = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (changes(batches).isEmpty()) {
                batches.addAll(ddl.read(reader));
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
            TableChange gone = new TableChange(before, null, Map.of(), false, ChangeOrigin.INFERRED, null);
            assertThat(changes(batches)).containsExactly(gone);
            LogBatch last = batches.stream()
                    .filter(one -> !one.changes().isEmpty())
                    .findFirst()
                    .orElseThrow();
            DefinitionChange change = last.changes().get(0);
            SourceEvent row = LogFixture.events(batches).get(0);
            assertThat(row.position()).isLessThan(change.position());
            assertThat(row.table()).isSameAs(split.tables().get(0).schema());

            ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY, b int)", "INSERT INTO t VALUES (1, 2)");
            List<LogBatch> again = ddl.read(reader);
            TableSchema made = LogFixture.events(again).get(0).table();
            assertThat(changes(again)).containsExactly(TableChange.inferred(null, made));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_drop_that_the_log_told_is_not_told_by_a_look(PostgresVersion version) throws SQLException {
        DdlFixture ddl = fixture(version, true);
        ddl.log.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
        LogSplit split = ddl.capture("t", "u");
        try (PgLogReader reader = ddl.open(split, LogFixture.LOOK_INTERVAL)) {
            ddl.log.execute("DROP TABLE t", "SET cdc.ddl_capture = off; DROP TABLE u");
            List<TableChange> all = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (all.size() < 2) {
                all.addAll(changes(ddl.read(reader)));
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
            assertThat(all).extracting(TableChange::origin).containsExactly(ChangeOrigin.DDL, ChangeOrigin.INFERRED);
            assertThat(all.stream()
                            .map(change ->
                                    Objects.requireNonNull(change.before()).id().name()))
                    .containsExactly("t", "u");
        }
    }
}
