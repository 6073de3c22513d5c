package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.PostgresFixture;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Table {@code public.t}, whose first column is {@code id int}, under the snapshot of its slot. */
final class Chunks implements AutoCloseable {
    final PostgresFixture pg;
    final Database database;
    final TableSchema table;
    final LogStart start;
    GenerationSession session;

    private Chunks(PostgresFixture pg, Database database) {
        this.pg = pg;
        this.database = database;
        List<TableSchema> tables = database.discoverTables();
        table = tables.get(0);
        start = database.start(tables, new StartFrom.Snapshot(1, null));
        session = Objects.requireNonNull(start.session());
    }

    static Chunks of(PostgresFixture pg) {
        return of(pg, pg.config("public.t"));
    }

    static Chunks of(PostgresFixture pg, PostgresConfig config) {
        return new Chunks(pg, config.open());
    }

    static Chunks selecting(PostgresFixture pg, @Nullable String where, @Nullable String chunkKeyColumn) {
        return of(pg, select(pg.config("public.t"), where, chunkKeyColumn));
    }

    static PostgresConfig select(PostgresConfig all, @Nullable String where, @Nullable String chunkKeyColumn) {
        return new PostgresConfig(
                all.hostname(),
                all.port(),
                all.database(),
                all.username(),
                all.password(),
                all.tables(),
                all.slotName(),
                all.publicationName(),
                all.connectionProperties(),
                List.of(new TableSelect("public.t", List.of(), where, chunkKeyColumn)),
                null);
    }

    /** A younger generation instead of the one before. */
    void nextGeneration(int number) {
        session.close();
        session = database.openGeneration(start.epoch(), start.token(), number);
    }

    List<ChunkRange> plan(int rowsPerChunk) {
        return plan(rowsPerChunk, null);
    }

    List<ChunkRange> plan(int rowsPerChunk, @Nullable String condition) {
        List<ChunkRange> ranges = new ArrayList<>();
        ChunkRange after = null;
        boolean complete = false;
        while (!complete) {
            ChunkPlan plan = Objects.requireNonNull(database.planChunks(table, condition, after, rowsPerChunk, 50));
            ranges.addAll(plan.ranges());
            after = ranges.get(ranges.size() - 1);
            complete = plan.complete();
        }
        return ranges;
    }

    SnapshotSplit split(ChunkRange range, @Nullable String condition) {
        return new SnapshotSplit(table, 0, range, condition, null, session.generation(), session.snapshotName());
    }

    ChunkOpening open(ChunkRange range) {
        return database.readChunk(split(range, null));
    }

    /** The ids of a chunk. */
    List<Integer> read(ChunkRange range) {
        return read(range, null);
    }

    List<Integer> read(ChunkRange range, @Nullable String condition) {
        ChunkOpening opening = database.readChunk(split(range, condition));
        if (!(opening instanceof ChunkOpening.Opened opened)) {
            throw new AssertionError("not opened: " + opening);
        }
        List<Integer> ids = new ArrayList<>();
        try (ChunkReader reader = opened.reader()) {
            for (List<SourceEvent> rows = reader.next(4096); !rows.isEmpty(); rows = reader.next(4096)) {
                rows.forEach(row -> ids.add(id((RowChange) row)));
            }
        }
        return ids;
    }

    List<Integer> readAll(List<ChunkRange> ranges) {
        List<Integer> ids = new ArrayList<>();
        ranges.forEach(range -> ids.addAll(read(range)));
        return ids;
    }

    /** Why the table is to be read anew; fails where the chunk opens. */
    String change(ChunkRange range) {
        String why = changeOrNull(range);
        if (why == null) {
            throw new AssertionError("unchanged: " + range);
        }
        return why;
    }

    /** Null where the chunk opens. */
    @Nullable
    String changeOrNull(ChunkRange range) {
        ChunkOpening opening = open(range);
        if (opening instanceof ChunkOpening.Opened opened) {
            opened.reader().close();
            return null;
        }
        return opening instanceof ChunkOpening.TableChanged changed ? changed.why() : opening.toString();
    }

    private static int id(RowChange change) {
        RowCursor cursor = new RowCursor().wrap(Objects.requireNonNull(change.after()));
        cursor.next();
        return BigEndian.getInt(cursor.array(), cursor.offset());
    }

    @Override
    public void close() {
        session.close();
        database.close();
    }
}
