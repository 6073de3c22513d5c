package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A value is the same bytes whether a chunk read it or the log carried it. */
@Tag("S5")
@Tag("L2")
class SnapshotAgreesWithLogIT {
    private static final String COLUMNS =
            "id int PRIMARY KEY, bo boolean, i2 smallint, i8 bigint, f4 real, f8 double precision,"
                    + " n numeric(20,5), v numeric, nan numeric, t text, vc varchar(10), bc char(5), nm name, c \"char\","
                    + " by bytea, u uuid, js json, jb jsonb, x xml, d date, dinf date, ti time, tiz time(3) with time zone,"
                    + " ts timestamp, tsi timestamp, tz timestamptz(3), iv interval, bi bit(10), vb varbit, ine inet, ci cidr,"
                    + " ma macaddr, mo money, pt point, ia int[], ta text[], na numeric(5,1)[], r int4range, m mood, ma2 mood[],"
                    + " dm positive, cp pair, tv tsvector, o oid, nu text";
    private static final String VALUES =
            "true, -2, 9007199254740993, 1.5, -0.1, 12345.6789, 0.00010, 'NaN', 'Grüße \\', 'vc', 'bc',"
                    + " 'nm', 'z', '\\x00ff', '6f3c1a52-0000-4000-8000-000000000001', '{\"a\": 1 }', '{\"b\":2}', '<a/>', '2024-02-29',"
                    + " 'infinity', '23:59:59.999999', '12:00:00.5+05:30', '1999-12-31 23:59:59.5', '-infinity',"
                    + " '2024-06-01 00:00:00.123+02', '1 year -2 days 00:00:03.5', B'1010101010', B'101', '10.0.0.1/8', '10.0.0.0/8',"
                    + " '08:00:2b:01:02:03', 12.34, '(1,2)', '{1,NULL,3}', '{\"a b\",NULL}', '{1.5,NULL}', '[1,5)', 'glad', '{sad,glad}', 7,"
                    + " '(1,\"x y\")', 'a:1 b', 42, NULL";

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void every_type_has_one_form(PostgresVersion version) throws Exception {
        try (PostgresServer server = PostgresServer.builder().version(version).start()) {
            PostgresFixture pg = PostgresFixture.on(server);
            pg.execute(
                    "CREATE TYPE mood AS ENUM ('sad', 'glad')",
                    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                    "CREATE TYPE pair AS (a int, b text)",
                    "CREATE TABLE t (" + COLUMNS + ")",
                    "INSERT INTO t VALUES (1, " + VALUES + ")");
            try (Database database = pg.config("public.t").open()) {
                List<TableSchema> tables = database.discoverTables();
                LogStart start = database.start(tables, new StartFrom.Snapshot(1, null));
                RowChange read = snapshot(database, tables.get(0), start);
                pg.execute("INSERT INTO t VALUES (2, " + VALUES + ")");
                RowChange logged = logged(database, tables.get(0), start);
                assertThat(fields(logged)).isEqualTo(fields(read));
                assertThat(logged.table()).isEqualTo(read.table());
                assertThat(logged.position()).isGreaterThan(read.position());
            }
        }
    }

    private static RowChange snapshot(Database database, TableSchema table, LogStart start) {
        try (GenerationSession session = start.session();
                ChunkReader reader = opened(database.readChunk(new SnapshotSplit(
                        table, 0, ChunkRange.ALL, null, null, session.generation(), session.snapshotName())))) {
            return (RowChange) reader.next(1000).get(0);
        }
    }

    private static RowChange logged(Database database, TableSchema table, LogStart start) {
        ResumeToken end = database.endOfLog();
        LogSplit split = new LogSplit(
                start.epoch(),
                start.token(),
                0,
                List.of(new CapturedTable(table, start.session().generation())),
                List.of(),
                end);
        List<SourceEvent> events = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        try (LogReader reader = database.readLog(split)) {
            while (!reader.hasReached(end) && System.nanoTime() < deadline) {
                LogBatch batch = reader.poll(Duration.ofMillis(200));
                if (batch != null) {
                    events.addAll(batch.events());
                }
            }
            assertThat(reader.hasReached(end))
                    .as("the end of an idle log is reached")
                    .isTrue();
        }
        assertThat(events).hasSize(1);
        return (RowChange) events.get(0);
    }

    private static List<String> fields(RowChange change) {
        Row row = Objects.requireNonNull(change.after());
        List<String> fields = new ArrayList<>();
        RowCursor cursor = new RowCursor().wrap(row);
        int column = 0;
        while (cursor.next()) {
            String name = change.table().columns().get(column++).name();
            if (column > 1) {
                fields.add(name + "="
                        + (cursor.hasValue()
                                ? HexFormat.of()
                                        .formatHex(cursor.array(), cursor.offset(), cursor.offset() + cursor.length())
                                : cursor.length()));
            }
        }
        return fields;
    }

    private static ChunkReader opened(ChunkOpening opening) {
        if (opening instanceof ChunkOpening.Opened opened) {
            return opened.reader();
        }
        throw new AssertionError("not opened: " + opening);
    }
}
