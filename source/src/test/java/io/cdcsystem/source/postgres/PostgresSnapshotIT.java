package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chunks of real tables: together they are the table as of the snapshot, each row exactly once. */
@Tag("S1")
@Tag("S3")
class PostgresSnapshotIT {
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

    @ParameterizedTest(name = "{0} on newest={3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "int         | k int PRIMARY KEY | g | true",
                "int         | k int PRIMARY KEY | g | false",
                "uuid        | k uuid PRIMARY KEY | md5(g::text)::uuid | true",
                "numeric     | k numeric(12,3) PRIMARY KEY | g * 1.001 - 300 | true",
                "text C      | k text COLLATE \"C\" PRIMARY KEY | concat(chr(65 + g % 50), chr(39), chr(92), g) | true",
                "text ICU    | k text COLLATE \"und-x-icu\" PRIMARY KEY | concat(chr(65 + g % 150), g) | true",
                "timestamptz | k timestamptz PRIMARY KEY | '2020-01-01Z'::timestamptz + g * interval '1.000001 s' | true",
                "bytea       | k bytea PRIMARY KEY | decode(md5(g::text), 'hex') | true",
                "no key      | k int | g | true",
                "no key      | k int | g | false"
            })
    void union_of_chunks_is_the_table_once_under_concurrent_writers(
            String name, String definition, String value, boolean onNewest) throws Exception {
        PostgresFixture pg = PostgresFixture.on(onNewest ? newest : oldest);
        pg.execute(
                "CREATE TABLE t (id int, pad text, " + definition + ")",
                "INSERT INTO t SELECT g, repeat('x', 20), " + value + " FROM generate_series(1, 5000) g",
                "ANALYZE t");
        assertUnionIsTable(pg);
    }

    @Test
    void composite_keys_are_cut_as_rows() throws Exception {
        PostgresFixture pg = PostgresFixture.on(newest);
        pg.execute(
                "CREATE TABLE t (id int, k text, a int, PRIMARY KEY (k, a))",
                "INSERT INTO t SELECT g, 'k' || g % 7, g FROM generate_series(1, 5000) g");
        assertUnionIsTable(pg);
    }

    @Test
    void partitioned_table_is_read_through_its_root() throws Exception {
        PostgresFixture pg = PostgresFixture.on(newest);
        pg.execute(
                "CREATE TABLE t (id int PRIMARY KEY, k int) PARTITION BY HASH (id)",
                "CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "INSERT INTO t SELECT g, g FROM generate_series(1, 5000) g");
        assertUnionIsTable(pg);
    }

    @Test
    void snapshot_of_the_slot_sees_nothing_that_commits_later() throws Exception {
        PostgresFixture pg = PostgresFixture.on(newest);
        pg.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 10)");
        try (Database database = pg.config("public.t").open()) {
            List<TableSchema> tables = database.discoverTables();
            LogStart start = database.start(tables, new StartFrom.Snapshot(1, null));
            try (GenerationSession session = start.session()) {
                String later =
                        pg.single("WITH i AS (INSERT INTO t VALUES (11)) SELECT pg_current_xact_id()::text::bigint");
                assertThat(session.generation().visibility().sees(Long.parseLong(later)))
                        .isFalse();
                assertThat(session.isOpen()).isTrue();
                List<SourceEvent> rows = read(database, tables.get(0), ChunkRange.ALL, session);
                assertThat(rows).hasSize(10);
                RowChange first = (RowChange) rows.get(0);
                assertThat(first.recordOffset())
                        .isEqualTo(PgResumeToken.of(start.token()).lsn());
                assertThat(first.position()).isEqualTo(session.generation().position());
            }
            // The server drops the snapshot when it has noticed that the connection is gone.
            Awaitility.await().until(() -> !start.session().isOpen());
            database.releaseSnapshot();
            SnapshotSplit late = new SnapshotSplit(
                    tables.get(0),
                    0,
                    ChunkRange.ALL,
                    null,
                    null,
                    start.session().generation(),
                    start.session().snapshotName());
            assertThat(database.readChunk(late)).isInstanceOf(ChunkOpening.SnapshotGone.class);
        }
    }

    @Test
    void batches_stay_within_their_bytes() throws Exception {
        PostgresFixture pg = PostgresFixture.on(newest);
        pg.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT g, repeat('x', 1000) FROM generate_series(1, 100) g");
        try (Database database = pg.config("public.t").open()) {
            List<TableSchema> tables = database.discoverTables();
            try (GenerationSession session = database.start(tables, new StartFrom.Snapshot(1, null))
                            .session();
                    ChunkReader reader = opened(database.readChunk(new SnapshotSplit(
                            tables.get(0),
                            0,
                            ChunkRange.ALL,
                            null,
                            null,
                            session.generation(),
                            session.snapshotName())))) {
                assertThat(reader.next(1)).hasSize(1);
                assertThat(reader.next(5000)).hasSizeBetween(4, 5);
            }
        }
    }

    private static void assertUnionIsTable(PostgresFixture pg) throws Exception {
        int rows = 5000;
        AtomicBoolean stop = new AtomicBoolean();
        try (Database database = pg.config("public.t").open()) {
            List<TableSchema> tables = database.discoverTables();
            TableSchema table = tables.get(0);
            try (GenerationSession session =
                    database.start(tables, new StartFrom.Snapshot(1, null)).session()) {
                pg.execute("ALTER TABLE t REPLICA IDENTITY FULL");
                Thread writer = new Thread(() -> write(pg, stop));
                writer.start();
                List<Integer> ids = new ArrayList<>();
                int chunks = 0;
                try {
                    ChunkRange after = null;
                    boolean complete = false;
                    while (!complete) {
                        ChunkPlan plan = database.planChunks(table, null, after, 700, 3);
                        for (ChunkRange range : plan.ranges()) {
                            read(database, table, range, session).forEach(event -> ids.add(id((RowChange) event)));
                            chunks++;
                            after = range;
                        }
                        complete = plan.complete();
                    }
                } finally {
                    stop.set(true);
                    writer.join();
                }
                assertThat(chunks).isGreaterThan(3);
                assertThat(ids).hasSize(rows).doesNotHaveDuplicates();
                assertThat(ids).allMatch(id -> id >= 1 && id <= rows);
                assertThat(Long.parseLong(pg.single("SELECT count(*) FROM t"))).isLessThan(rows);
            }
        }
    }

    private static void write(PostgresFixture pg, AtomicBoolean stop) {
        try (Connection connection = pg.server().connect(pg.database());
                Statement statement = connection.createStatement()) {
            for (int i = 1; i < 5000 && (!stop.get() || i < 10); i++) {
                statement.execute("DELETE FROM t WHERE id = " + i * 3);
                statement.execute("UPDATE t SET id = -id WHERE id = " + (i * 3 + 1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<SourceEvent> read(
            Database database, TableSchema table, ChunkRange range, GenerationSession session) {
        List<SourceEvent> all = new ArrayList<>();
        try (ChunkReader reader = opened(database.readChunk(
                new SnapshotSplit(table, 0, range, null, null, session.generation(), session.snapshotName())))) {
            for (List<SourceEvent> batch = reader.next(10_000); !batch.isEmpty(); batch = reader.next(10_000)) {
                all.addAll(batch);
            }
        }
        return all;
    }

    private static int id(RowChange change) {
        RowCursor cursor = new RowCursor().wrap(java.util.Objects.requireNonNull(change.after()));
        cursor.next();
        return io.cdcsystem.schema.row.BigEndian.getInt(cursor.array(), cursor.offset());
    }

    @Test
    void types_that_only_have_a_text_form_come_as_text() throws Exception {
        PostgresFixture pg = PostgresFixture.on(newest);
        pg.execute(
                "CREATE TYPE pair AS (a int, b text)",
                "CREATE TABLE t (id int PRIMARY KEY, p pair, q pair)",
                "INSERT INTO t VALUES (1, (2, 'x y'), NULL)");
        try (Database database = pg.config("public.t").open()) {
            List<TableSchema> tables = database.discoverTables();
            try (GenerationSession session =
                    database.start(tables, new StartFrom.Snapshot(1, null)).session()) {
                RowChange row = (RowChange)
                        read(database, tables.get(0), ChunkRange.ALL, session).get(0);
                RowCursor cursor = new RowCursor().wrap(java.util.Objects.requireNonNull(row.after()));
                cursor.next();
                cursor.next();
                assertThat(new String(cursor.array(), cursor.offset(), cursor.length(), StandardCharsets.UTF_8))
                        .isEqualTo("(2,\"x y\")");
                cursor.next();
                assertThat(cursor.hasValue()).isFalse();
            }
        }
    }

    private static ChunkReader opened(ChunkOpening opening) {
        if (opening instanceof ChunkOpening.Opened opened) {
            return opened.reader();
        }
        throw new AssertionError("not opened: " + opening);
    }
}
