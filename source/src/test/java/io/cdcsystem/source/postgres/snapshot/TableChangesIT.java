package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.postgres.PostgresFixture;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to a table between the snapshot and a chunk: rows are read once, or the table is read anew. */
@Tag("S1")
@Tag("S6")
class TableChangesIT {
    private static final String KEYED = "CREATE TABLE t (id int PRIMARY KEY, v text)";
    private static final String KEYLESS = "CREATE TABLE t (id int, v text)";
    private static final String ROWS = "INSERT INTO t SELECT g, repeat('x', 500) FROM generate_series(1, 300) g";

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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void truncated_table_is_read_anew(boolean onNewest) throws Exception {
        for (String table : List.of(KEYED, KEYLESS)) {
            PostgresFixture pg = with(onNewest ? newest : oldest, table, ROWS);
            try (Chunks chunks = Chunks.of(pg)) {
                ChunkRange first = chunks.plan(50).get(0);
                pg.execute("TRUNCATE t", "INSERT INTO t VALUES (99)");
                assertThat(chunks.change(first)).contains("public.t", "truncated or rewritten");
                assertThat(chunks.change(ChunkRange.ALL)).contains("sees nothing");
                chunks.nextGeneration(2);
                assertThat(chunks.readAll(chunks.plan(50))).containsExactly(99);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"VACUUM FULL t, true", "VACUUM FULL t, false", "CLUSTER t USING t_pkey, true"})
    void rewriting_without_change_does_no_harm_to_a_table_cut_by_key(String rewrite, boolean onNewest)
            throws Exception {
        PostgresFixture pg = with(onNewest ? newest : oldest, KEYED, ROWS);
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(50);
            assertThat(chunks.read(ranges.get(0))).hasSize(50);
            chunks.database.releaseSnapshot();
            pg.execute("DELETE FROM t WHERE id % 2 = 0", rewrite);
            assertThat(chunks.readAll(ranges))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, 300).boxed().toList());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rewriting_moves_the_rows_of_a_table_cut_by_blocks_so_it_is_read_anew(boolean onNewest) throws Exception {
        PostgresFixture pg =
                with(onNewest ? newest : oldest, KEYLESS, ROWS, "DELETE FROM t WHERE id < 200", "ANALYZE t");
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(20);
            assertThat(ranges.size()).isGreaterThan(3);
            chunks.read(ranges.get(0));
            chunks.database.releaseSnapshot();
            pg.execute("VACUUM FULL t");
            for (ChunkRange range : ranges) {
                assertThat(chunks.change(range)).contains("t was truncated or rewritten since it was cut into chunks");
            }
            // The rows stand in another file also for those who begin behind the rewriting.
            chunks.nextGeneration(2);
            assertThat(chunks.change(ranges.get(1))).contains("rewritten");
            assertThat(chunks.readAll(chunks.plan(20))).hasSize(101).doesNotHaveDuplicates();
        }
    }

    @Test
    void rewriting_between_two_plans_of_one_table_is_noticed() throws Exception {
        PostgresFixture pg = with(newest, KEYLESS, ROWS, "ANALYZE t");
        try (Chunks chunks = Chunks.of(pg)) {
            ChunkRange first = chunks.database
                    .planChunks(chunks.table, null, null, 50, 1)
                    .ranges()
                    .get(0);
            pg.execute("VACUUM FULL t");
            ChunkRange second = chunks.database
                    .planChunks(chunks.table, null, first, 50, 1)
                    .ranges()
                    .get(0);
            chunks.nextGeneration(2);
            assertThat(chunks.change(second)).contains("rewritten since");
        }
    }

    @Test
    void altered_table_is_read_anew_and_both_column_lists_are_told() throws Exception {
        PostgresFixture pg = with(newest, KEYED, ROWS);
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(50);
            pg.execute("ALTER TABLE t ADD COLUMN added text");
            assertThat(chunks.change(ranges.get(1))).contains("(id integer NOT NULL, v text)", "added text");
        }
    }

    @Test
    void lost_key_is_a_change() throws Exception {
        PostgresFixture pg = with(newest, KEYED, ROWS);
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(50);
            pg.execute("ALTER TABLE t DROP CONSTRAINT t_pkey");
            assertThat(chunks.change(ranges.get(1))).contains("was altered", "with key []");
        }
    }

    @Test
    void dropped_table_is_planned_to_its_end_and_told_when_it_is_read() throws Exception {
        PostgresFixture pg = with(newest, KEYED, ROWS);
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(50);
            pg.execute("DROP TABLE t");
            assertThat(chunks.change(ranges.get(0))).contains("public.t", "is gone");
            assertThat(chunks.plan(50)).containsExactly(ChunkRange.ALL);
            assertThat(chunks.database
                            .planChunks(chunks.table, null, ranges.get(0), 50, 3)
                            .ranges())
                    .containsExactly(new ChunkRange(ranges.get(0).to(), null));
            pg.execute(KEYED);
            assertThat(chunks.change(ranges.get(0))).contains("not the one that the snapshot sees");
        }
    }

    @Test
    void snapshot_that_is_gone_or_another_is_told() throws Exception {
        PostgresFixture pg = with(newest, KEYED, ROWS);
        try (Chunks chunks = Chunks.of(pg)) {
            SnapshotSplit split = chunks.split(ChunkRange.ALL, null);
            Generation g = split.generation();
            Visibility other = new Visibility(
                    g.visibility().xmin(),
                    g.visibility().xmax() + 7,
                    g.visibility().inProgress());
            SnapshotSplit reused = new SnapshotSplit(
                    split.table(),
                    0,
                    ChunkRange.ALL,
                    null,
                    null,
                    new Generation(g.run(), g.number(), g.position(), other),
                    split.snapshotName());
            assertThat(chunks.database.readChunk(reused))
                    .isInstanceOfSatisfying(ChunkOpening.SnapshotGone.class, gone -> assertThat(gone.why())
                            .contains("is another one now"));
            chunks.session.close();
            assertThat(chunks.database.readChunk(split))
                    .isInstanceOfSatisfying(ChunkOpening.SnapshotGone.class, gone -> assertThat(gone.why())
                            .contains("cannot be imported"));
        }
    }

    private static PostgresFixture partitioned(PostgresServer server, String key) throws Exception {
        return with(
                server,
                "CREATE TABLE t (id int NOT NULL, v text" + key + ") PARTITION BY RANGE (id)",
                "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (101)",
                "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (101) TO (201) PARTITION BY RANGE (id)",
                "CREATE TABLE t2a PARTITION OF t2 FOR VALUES FROM (101) TO (151)",
                "CREATE TABLE t2b PARTITION OF t2 FOR VALUES FROM (151) TO (201)",
                "CREATE TABLE t3 PARTITION OF t FOR VALUES FROM (201) TO (1000)",
                ROWS,
                "ANALYZE");
    }

    @ParameterizedTest
    @CsvSource({"'', true", "'', false", "', PRIMARY KEY (id)', true", "', PRIMARY KEY (id)', false"})
    void truncated_partition_is_noticed(String key, boolean onNewest) throws Exception {
        PostgresFixture pg = partitioned(onNewest ? newest : oldest, key);
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(40);
            pg.execute("TRUNCATE t2a");
            long changed = ranges.stream()
                    .filter(range -> chunks.changeOrNull(range) != null)
                    .count();
            // By blocks only the chunks that touch it; by key any chunk may.
            assertThat(changed).isPositive();
            if (!key.isEmpty()) {
                assertThat(changed).isEqualTo(ranges.size());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP TABLE t2a", "ALTER TABLE t2 DETACH PARTITION t2a"})
    void partition_that_leaves_is_noticed(String sql) throws Exception {
        for (String key : List.of("", ", PRIMARY KEY (id)")) {
            PostgresFixture pg = partitioned(newest, key);
            try (Chunks chunks = Chunks.of(pg)) {
                List<ChunkRange> ranges = chunks.plan(40);
                pg.execute(sql);
                assertThat(ranges.stream().map(chunks::changeOrNull).toList())
                        .anyMatch(why -> why != null && why.contains("t2a was detached or dropped"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", PRIMARY KEY (id)"})
    void new_partition_is_left_to_the_log_and_one_attached_with_rows_is_noticed(String key) throws Exception {
        PostgresFixture pg = partitioned(newest, key);
        pg.execute("CREATE TABLE old (LIKE t INCLUDING ALL)", "INSERT INTO old VALUES (2001, 'old')");
        try (Chunks chunks = Chunks.of(pg)) {
            List<ChunkRange> ranges = chunks.plan(40);
            pg.execute(
                    "CREATE TABLE t4 PARTITION OF t FOR VALUES FROM (1000) TO (2000)",
                    "INSERT INTO t VALUES (1500, 'new')",
                    "ALTER TABLE t1 RENAME TO t_first");
            assertThat(chunks.readAll(ranges))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, 300).boxed().toList());
            pg.execute("ALTER TABLE t ATTACH PARTITION old FOR VALUES FROM (2000) TO (3000)");
            assertThat(chunks.change(ranges.get(0))).contains("old was attached with rows");
            chunks.nextGeneration(2);
            assertThat(chunks.readAll(chunks.plan(40))).hasSize(302).doesNotHaveDuplicates();
        }
    }
}
