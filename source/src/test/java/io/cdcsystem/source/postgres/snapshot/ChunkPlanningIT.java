package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.PostgresFixture;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tables are cut by, which rows chunks hold, and at what cost. */
@Tag("S3")
class ChunkPlanningIT {
    private static PostgresServer newest;
    private static PostgresServer oldest;

    @BeforeAll
    static void startServers() {
        newest = PostgresServer.start();
        oldest = PostgresServer.builder().version(PostgresVersion.V14).start();
    }

    @AfterAll
    static void stopServers() {
        newest.close();
        oldest.close();
    }

    private static PostgresFixture with(PostgresServer server, String... sql) throws Exception {
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute(sql);
        return pg;
    }

    private static List<Integer> ids(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    private static ErrorCode code(Throwable e) {
        return ((CdcException) e).code();
    }

    private static String explain(PostgresFixture pg, String settings, String sql) throws Exception {
        try (Connection connection = pg.server().connect(pg.database());
                Statement statement = connection.createStatement()) {
            statement.execute(settings);
            List<String> lines = new ArrayList<>();
            try (ResultSet row = statement.executeQuery("EXPLAIN " + sql)) {
                while (row.next()) {
                    lines.add(row.getString(1));
                }
            }
            return String.join("\n", lines);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void composite_bounds_are_index_conditions_also_without_statistics(boolean onNewest) throws Exception {
        PostgresFixture pg = with(
                onNewest ? newest : oldest,
                "CREATE TABLE t (id int, a text, b int, PRIMARY KEY (a, b)) WITH (autovacuum_enabled = off)",
                "INSERT INTO t SELECT g, 'k' || g % 3, g FROM generate_series(1, 20000) g");
        String where = " WHERE (\"a\", \"b\") > (CAST('k1' AS pg_catalog.text), CAST('10' AS pg_catalog.int4))"
                + " AND (\"a\", \"b\") <= (CAST('k1' AS pg_catalog.text), CAST('900' AS pg_catalog.int4))";
        String read = explain(pg, "SET enable_seqscan = off", "SELECT * FROM ONLY t" + where);
        assertThat(read)
                .contains("Index Cond: ((ROW(a, b) > ROW('k1'::text, 10)) AND (ROW(a, b) <= ROW('k1'::text, 900)))");
        String plan = explain(
                pg,
                "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off",
                "SELECT a, b FROM ONLY t" + where + " ORDER BY a, b OFFSET 500 LIMIT 1");
        assertThat(plan).contains("Index Only Scan").doesNotContain("Sort");
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(1000);
            assertThat(ranges).hasSize(21);
            for (ChunkRange range : ranges.subList(0, 20)) {
                assertThat(chunks.read(range)).hasSize(1000);
            }
            ChunkPlan first = chunks.database.planChunks(chunks.table, null, null, 1000, 1);
            assertThat(Objects.requireNonNull(first).rowsEstimated()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"k", "k, id"})
    void type_whose_operators_are_not_in_the_search_path_is_cut_in_its_own_order(String key) throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE SCHEMA ext",
                "CREATE EXTENSION citext SCHEMA ext",
                "CREATE TABLE t (id int, k ext.citext, PRIMARY KEY (" + key + "))",
                "INSERT INTO t SELECT g, chr(CASE WHEN g % 3 = 0 THEN 65 ELSE 97 END + g % 26) || g"
                        + " FROM generate_series(1, 2000) g");
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(100);
            assertThat(ranges).hasSize(21);
            for (ChunkRange range : ranges.subList(0, 20)) {
                assertThat(chunks.read(range)).hasSize(100);
            }
        }
    }

    @Test
    void rows_are_estimated_from_the_last_analyze_and_the_growth_since() throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE TABLE t (id int PRIMARY KEY, even bool) WITH (autovacuum_enabled = off)",
                "INSERT INTO t SELECT g, g % 2 = 0 FROM generate_series(1, 10000) g",
                "ANALYZE t",
                "INSERT INTO t SELECT g, g % 2 = 0 FROM generate_series(10001, 20000) g");
        try (Chunks chunks = Chunks.of(pg)) {
            assertThat(Objects.requireNonNull(chunks.database.planChunks(chunks.table, null, null, 1000, 1))
                            .rowsEstimated())
                    .isBetween(19_000L, 21_000L);
            assertThat(Objects.requireNonNull(chunks.database.planChunks(chunks.table, "even", null, 1000, 1))
                            .rowsEstimated())
                    .isBetween(8_000L, 12_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRIMARY KEY (id)", "CHECK (true)"})
    @Tag("S8")
    void chunks_hold_as_many_rows_that_fulfil_the_condition(String key) throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE TABLE t (id int NOT NULL, v text, " + key + ")",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "INSERT INTO t SELECT g, 'it''s ' || g % 10 FROM generate_series(1, 5000) g",
                "ANALYZE t");
        try (Chunks chunks = Chunks.selecting(pg, "id > 1000 OR id < 10", null)) {
            String condition = "v = 'it''s 3' OR v LIKE '% 4'";
            List<ChunkRange> ranges = chunks.plan(100, condition);
            List<Integer> read = new ArrayList<>();
            for (ChunkRange range : ranges) {
                read.addAll(chunks.read(range, condition));
            }
            assertThat(read)
                    .containsExactlyInAnyOrderElementsOf(ids(1, 5000).stream()
                            .filter(id -> (id % 10 == 3 || id % 10 == 4) && (id > 1000 || id < 10))
                            .toList());
            assertThat(ranges)
                    .as("by the server's guess of how many rows match")
                    .hasSizeBetween(3, 30);
            assertThat(chunks.read(ChunkRange.ALL)).hasSize(4009);
        }
    }

    @Test
    void condition_that_breaks_out_or_that_the_server_rejects_is_named() throws Exception {
        PostgresFixture pg = with(
                newest, "CREATE SEQUENCE s", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (0), (1)");
        try (Chunks chunks = Chunks.of(pg)) {
            for (String condition : List.of(
                    "true) OR (true",
                    "id > 0; DROP TABLE t",
                    "nope > 0",
                    "id >",
                    "id",
                    "nextval('s') > 0",
                    "1/id > 0")) {
                // Only reading evaluates it for each row.
                if (!condition.startsWith("1/") && !condition.startsWith("nextval")) {
                    assertThatThrownBy(() -> chunks.plan(10, condition))
                            .as(condition)
                            .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.CONDITION_REJECTED))
                            .hasMessageContaining("public.t")
                            .hasMessageContaining(condition);
                }
                assertThatThrownBy(() -> chunks.read(ChunkRange.ALL, condition))
                        .as(condition)
                        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.CONDITION_REJECTED));
            }
            assertThat(chunks.readAll(chunks.plan(1))).containsExactly(0, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("S7")
    void chunk_key_column_may_repeat_and_be_null(boolean indexed) throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE TABLE t (id int, k numeric(6,2))",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "INSERT INTO t SELECT g, CASE WHEN g % 5 = 0 THEN NULL WHEN g % 3 = 0 THEN 7 WHEN g % 50 = 1 THEN 'NaN'::numeric"
                        + " ELSE g END FROM generate_series(1, 1000) g");
        if (indexed) {
            pg.execute("CREATE INDEX ON t (k)");
        }
        try (Chunks chunks = Chunks.selecting(pg, null, "k")) {
            for (int rowsPerChunk : new int[] {1, 90, 5000}) {
                List<ChunkRange> ranges = chunks.plan(rowsPerChunk);
                assertThat(chunks.readAll(ranges)).containsExactlyInAnyOrderElementsOf(ids(1, 1000));
                assertThat(ranges.size()).isGreaterThanOrEqualTo(rowsPerChunk == 90 ? 8 : 2);
                pg.execute("UPDATE t SET k = NULL WHERE id % 7 = 0", "INSERT INTO t VALUES (5000, NULL), (5001, 3)");
            }
        }
    }

    @Test
    @Tag("S7")
    void chunk_key_column_that_cannot_order_is_named() throws Exception {
        PostgresFixture pg = with(newest, "CREATE TABLE t (id int, k json)");
        for (String column : List.of("k", "nope")) {
            pg.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database ="
                    + " current_database()");
            try (Chunks chunks = Chunks.selecting(pg, null, column)) {
                assertThatThrownBy(() -> chunks.plan(10))
                        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.CONFIG_INVALID))
                        .hasMessageContaining("'" + column + "'");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE UNIQUE INDEX ON t (k text_pattern_ops)",
                "CREATE UNIQUE INDEX ON t (k DESC)",
                "CREATE UNIQUE INDEX ON t (k COLLATE \"C\")",
                "CREATE UNIQUE INDEX ON t (k)"
            })
    void key_whose_index_has_another_order_is_cut_by_blocks(String index) throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE TABLE t (id int, k text COLLATE \"und-x-icu\" NOT NULL)",
                "INSERT INTO t SELECT g, chr(65 + g % 60) || g FROM generate_series(1, 2000) g",
                index,
                "ANALYZE t");
        try (Chunks chunks = Chunks.of(pg)) {
            assertThat(chunks.table.primaryKey()).containsExactly("k");
            List<ChunkRange> ranges = chunks.plan(300);
            assertThat(Cut.of(ranges.get(0)))
                    .isInstanceOf(index.endsWith("(k)") ? Cut.ByKey.class : Cut.ByBlocks.class);
            assertThat(ranges.size()).isGreaterThan(3);
            assertThat(chunks.readAll(ranges)).containsExactlyInAnyOrderElementsOf(ids(1, 2000));
        }
    }

    @Test
    void temporal_key_is_cut_by_blocks() throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE EXTENSION btree_gist",
                "CREATE TABLE t (id int, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS))",
                "INSERT INTO t SELECT g, daterange('2024-01-01', NULL) FROM generate_series(1, 3000) g",
                "ANALYZE t");
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(500);
            assertThat(Cut.of(ranges.get(0))).isInstanceOf(Cut.ByBlocks.class);
            assertThat(chunks.readAll(ranges)).containsExactlyInAnyOrderElementsOf(ids(1, 3000));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("S7")
    void partitioned_table_without_key_is_cut_within_its_partitions(boolean onNewest) throws Exception {
        PostgresFixture pg = with(
                onNewest ? newest : oldest,
                "CREATE TABLE t (id int, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE t1 (extra int, v text, id int)",
                "ALTER TABLE t1 DROP COLUMN extra",
                "ALTER TABLE t ATTACH PARTITION t1 FOR VALUES FROM (1) TO (101)",
                "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (101) TO (2900) PARTITION BY HASH (id)",
                "CREATE TABLE t2a PARTITION OF t2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE t2b PARTITION OF t2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "CREATE TABLE td PARTITION OF t DEFAULT",
                "INSERT INTO t SELECT g, repeat('x', 50) FROM generate_series(1, 3000) g",
                "ANALYZE",
                "ALTER TABLE t1 REPLICA IDENTITY FULL",
                "ALTER TABLE t2a REPLICA IDENTITY FULL",
                "ALTER TABLE t2b REPLICA IDENTITY FULL",
                "ALTER TABLE td REPLICA IDENTITY FULL",
                "CREATE ROLE reader_" + onNewest + " LOGIN REPLICATION PASSWORD 'x'",
                "GRANT SELECT ON t TO reader_" + onNewest);
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(300);
            assertThat(ranges.size()).isBetween(8, 15);
            pg.execute("UPDATE t SET v = repeat('y', 60)", "INSERT INTO t SELECT g FROM generate_series(3001, 4000) g");
            assertThat(chunks.readAll(ranges)).containsExactlyInAnyOrderElementsOf(ids(1, 3000));
            String plan = explain(
                    pg,
                    "SET enable_seqscan = on",
                    "SELECT id FROM ONLY t2a WHERE ctid > CAST('(3,65535)' AS pg_catalog.tid)"
                            + " AND ctid <= CAST('(4,65535)' AS pg_catalog.tid)");
            assertThat(plan).contains("Tid Range Scan");
            PostgresConfig limited = pg.configAs("reader_" + onNewest, "x", "public.t");
            try (io.cdcsystem.source.database.Database reader = limited.open()) {
                ChunkPlan whole = Objects.requireNonNull(reader.planChunks(chunks.table, null, null, 300, 5));
                assertThat(whole.ranges())
                        .as("a role that may read the root only")
                        .containsExactly(ChunkRange.ALL);
                assertThat(whole.complete()).isTrue();
            }
        }
    }

    @Test
    @Tag("S7")
    void inheriting_table_is_a_table_of_its_own() throws Exception {
        for (String key : List.of("", ", PRIMARY KEY (id)")) {
            PostgresFixture pg = with(
                    newest,
                    "CREATE TABLE t (id int" + key + ")",
                    "CREATE TABLE child () INHERITS (t)",
                    "INSERT INTO t SELECT generate_series(1, 500)",
                    "INSERT INTO child SELECT generate_series(1, 900)",
                    "ANALYZE");
            try (Chunks chunks = Chunks.of(pg)) {
                List<ChunkRange> ranges = chunks.plan(250);
                assertThat(ranges).hasSizeBetween(2, 3);
                assertThat(chunks.readAll(ranges)).containsExactlyInAnyOrderElementsOf(ids(1, 500));
            }
        }
    }

    @Test
    @Tag("S7")
    void empty_bloated_and_growing_tables_are_covered() throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE TABLE t (id int, v text) WITH (autovacuum_enabled = off)",
                "ALTER TABLE t REPLICA IDENTITY FULL");
        try (Chunks chunks = Chunks.of(pg)) {
            assertThat(chunks.plan(10)).containsExactly(ChunkRange.ALL);
            assertThat(chunks.read(ChunkRange.ALL)).isEmpty();
            pg.execute(
                    "INSERT INTO t SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g",
                    "DELETE FROM t WHERE id BETWEEN 100 AND 19900");
            chunks.nextGeneration(2);
            List<Integer> expected = new ArrayList<>(ids(1, 99));
            expected.addAll(ids(19901, 20000));
            List<ChunkRange> ranges = new ArrayList<>();
            List<Integer> read = new ArrayList<>();
            ChunkRange after = null;
            for (boolean complete = false; !complete; ) {
                ChunkPlan plan = Objects.requireNonNull(chunks.database.planChunks(chunks.table, null, after, 2000, 2));
                if (ranges.size() < 20) {
                    pg.execute("INSERT INTO t SELECT g, repeat('y', 100) FROM generate_series(30001, 31000) g");
                }
                plan.ranges().forEach(range -> read.addAll(chunks.read(range)));
                ranges.addAll(plan.ranges());
                after = ranges.get(ranges.size() - 1);
                complete = plan.complete();
            }
            assertThat(read).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(ranges.size()).isGreaterThan(8);
        }
    }

    @Test
    void table_that_is_locked_is_put_off() throws Exception {
        PostgresFixture pg = with(newest, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        try (Chunks chunks = Chunks.of(pg);
                Connection locking = pg.server().connect(pg.database());
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE t");
            assertThat(chunks.database.planChunks(chunks.table, null, null, 10, 1))
                    .isNull();
            locking.rollback();
            assertThat(chunks.plan(10)).containsExactly(ChunkRange.ALL);
        }
    }

    @Test
    void planning_reads_every_key_once() throws Exception {
        PostgresFixture pg = with(
                newest,
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(1, 50000) g",
                "VACUUM ANALYZE t");
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(500);
            assertThat(ranges).hasSize(101);
            assertThat(ranges.stream()
                            .map(range -> range.to() == null ? "" : range.to().get(1))
                            .limit(3))
                    .containsExactly("500", "1000", "1500");
            chunks.database.close();
            // An index entry is read once for its own chunk, and the first of a chunk once more to find its beginning.
            org.awaitility.Awaitility.await().untilAsserted(() -> assertThat(Long.parseLong(
                            pg.single("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 't_pkey'")))
                    .isBetween(50_000L, 51_000L));
            assertThat(ranges.stream().map(Cut::of).collect(Collectors.toSet())).hasSize(1);
        }
    }
}
