package io.cdcsystem.source;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.ChunkReader;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.DatabaseConfig;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.database.LogProgress;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.OpenTransactions;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A database of two tables of rows 0 to {@code rows - 1}, and a log of transactions with two changes each. What was asked
 * of it is recorded by name, since a job serializes its configuration.
 */
public final class ScriptedDatabase implements Database {
    /** What all instances of one name share. */
    public static final class Script {
        /** Calls of the enumerator, in order. */
        public final List<String> calls = new CopyOnWriteArrayList<>();
        /** Confirmed tokens. */
        public final List<Integer> confirmed = new CopyOnWriteArrayList<>();
        /** Names of snapshots that can be imported. */
        public final Set<String> snapshots = ConcurrentHashMap.newKeySet();
        /** Rows per table. */
        public final int rows;
        /** Transactions in the log; grows as a test says. */
        public volatile int transactions;

        /** The configured tables. */
        public volatile List<TableSchema> tables = TABLES;
        /** What the configuration names beside them, though there is no such table yet. */
        public final Set<TableId> namedToo = ConcurrentHashMap.newKeySet();
        /** Captured tables that the log does not publish any more; published ones leave. */
        public final Set<TableId> unpublished = ConcurrentHashMap.newKeySet();
        /** Publishing fails. */
        public volatile boolean publishRefused;
        /** Transactions that a joining table waits for are open. */
        public volatile boolean openTransactions;
        /** The stored position is lost. */
        public volatile boolean positionLost;

        /** The transaction that alters the first table before it writes; from then on both tables are written to. */
        public volatile int alteredAt = Integer.MAX_VALUE;
        /** The log is not handed over further than this transaction. */
        public volatile int stopsAt = Integer.MAX_VALUE;

        /** How often the log was polled. */
        public final AtomicInteger polls = new AtomicInteger();

        Script(int rows, int transactions) {
            this.rows = rows;
            this.transactions = transactions;
        }
    }

    /** Opens a script by name. */
    public record Config(String script) implements DatabaseConfig {
        @Override
        public String connectorName() {
            return "scripted";
        }

        @Override
        public Database open() {
            return new ScriptedDatabase(Objects.requireNonNull(SCRIPTS.get(script)));
        }
    }

    private static final Map<String, Script> SCRIPTS = new ConcurrentHashMap<>();

    /** The tables captured at first. */
    public static final List<TableSchema> TABLES = List.of(Samples.table("a"), Samples.table("b"));
    /** All tables. */
    public static final List<TableSchema> CATALOG = List.of(Samples.table("a"), Samples.table("b"), Samples.table("c"));

    private final Script script;

    ScriptedDatabase(Script script) {
        this.script = script;
    }

    /** A new script. */
    public static Script script(String name, int rows, int transactions) {
        Script script = new Script(rows, transactions);
        SCRIPTS.put(name, script);
        return script;
    }

    @Override
    public List<TableSchema> discoverTables() {
        script.calls.add("discover");
        return script.tables;
    }

    @Override
    public List<TableSchema> findTables(Predicate<TableId> wanted) {
        return CATALOG.stream().filter(table -> wanted.test(table.id())).toList();
    }

    @Override
    public boolean names(TableId table) {
        return script.namedToo.contains(table)
                || script.tables.stream().anyMatch(named -> named.id().equals(table));
    }

    @Override
    public void abort() {}

    @Override
    public void releaseSnapshot() {
        script.calls.add("release");
    }

    @Override
    public void publish(List<TableSchema> tables) {
        script.calls.add("publish " + tables.size());
        if (script.publishRefused) {
            throw new CdcException(ErrorCode.PUBLICATION_UNUSABLE, "as scripted");
        }
        tables.forEach(table -> script.unpublished.remove(table.id()));
    }

    @Override
    public List<TableSchema> unpublished(List<TableId> tables) {
        return findTables(table -> script.unpublished.contains(table) && tables.contains(table));
    }

    @Override
    public OpenTransactions openTransactions() {
        script.calls.add("mark");
        return () -> !script.openTransactions;
    }

    @Override
    public LogStart start(List<TableSchema> tables, StartFrom from) {
        script.calls.add("start");
        if (from instanceof StartFrom.Snapshot snapshot) {
            SourceEpoch lost = snapshot.lost();
            return lost == null
                    ? new LogStart(Samples.EPOCH, Samples.token(0), session(snapshot.generation()))
                    : new LogStart(
                            new SourceEpoch(lost.number() + 1, lost.identity()),
                            Samples.token(script.transactions),
                            session(snapshot.generation()));
        }
        boolean rows = from instanceof StartFrom.SnapshotOnly;
        return new LogStart(Samples.EPOCH, Samples.token(0), rows ? session(1) : null);
    }

    @Override
    public void verify(SourceEpoch epoch, ResumeToken token) {
        script.calls.add("verify " + Samples.number(token));
        if (script.positionLost) {
            script.positionLost = false;
            throw new CdcException(ErrorCode.POSITION_LOST, "the test has lost it");
        }
    }

    @Override
    public GenerationSession openGeneration(SourceEpoch epoch, @Nullable ResumeToken logStart, int number) {
        script.calls.add("generation " + number);
        return session(number);
    }

    private GenerationSession session(int number) {
        String name = "snapshot-" + number;
        script.snapshots.add(name);
        return new GenerationSession() {
            @Override
            public Generation generation() {
                return Samples.generation(number);
            }

            @Override
            public String snapshotName() {
                return name;
            }

            @Override
            public boolean isOpen() {
                return script.snapshots.contains(name);
            }

            @Override
            public void close() {
                script.calls.add("close " + number);
                script.snapshots.remove(name);
            }
        };
    }

    @Override
    public ChunkPlan planChunks(
            TableSchema table,
            @Nullable String condition,
            @Nullable ChunkRange after,
            int rowsPerChunk,
            int chunksMax) {
        List<ChunkRange> ranges = new ArrayList<>();
        int from = after == null ? -1 : Samples.end(after);
        while (ranges.size() < chunksMax) {
            int to = from + rowsPerChunk;
            if (to >= script.rows - 1) {
                ranges.add(Samples.range(from, -1));
                return new ChunkPlan(ranges, true, null, script.rows);
            }
            ranges.add(Samples.range(from, to));
            from = to;
        }
        return new ChunkPlan(ranges, false, null, script.rows);
    }

    @Override
    public ResumeToken endOfLog() {
        script.calls.add("end " + script.transactions);
        return Samples.token(script.transactions);
    }

    @Override
    public ChunkOpening readChunk(SnapshotSplit split) {
        if (!script.snapshots.contains(split.snapshotName())) {
            return new ChunkOpening.SnapshotGone(split.snapshotName() + " is gone");
        }
        List<String> from = split.range().from();
        List<String> to = split.range().to();
        int first = from == null ? 0 : Integer.parseInt(from.get(0)) + 1;
        int last = to == null ? script.rows - 1 : Integer.parseInt(to.get(0));
        return new ChunkOpening.Opened(new ChunkReader() {
            private int next = first;

            @Override
            public List<SourceEvent> next(int bytesMax) {
                List<SourceEvent> rows = new ArrayList<>();
                while (next <= last && rows.size() < 3) {
                    rows.add(Samples.read(split.table(), next++, split.generation()));
                }
                return rows;
            }

            @Override
            public void close() {}
        });
    }

    @Override
    public LogReader readLog(LogSplit split) {
        return new LogReader() {
            private int read = Samples.number(split.boundary());

            @Override
            public @Nullable LogBatch poll(Duration maxWait) {
                script.polls.incrementAndGet();
                if (read >= script.transactions || read >= script.stopsAt) {
                    return null;
                }
                if (read >= script.alteredAt) {
                    return altered();
                }
                TableSchema table = TABLES.get(0);
                int id = script.rows + 2 * read;
                List<SourceEvent> events =
                        List.of(Samples.created(table, id, read, 0), Samples.created(table, id + 1, read, 1));
                read++;
                return new LogBatch(events, Samples.token(read), 0, List.of(), List.of(), List.of());
            }

            private LogBatch altered() {
                TableSchema before = TABLES.get(0);
                TableSchema after = Samples.altered(before, "name");
                int id = script.rows + 2 * read;
                List<SourceEvent> events =
                        List.of(Samples.created(after, id, read, 0), Samples.created(TABLES.get(1), id + 1, read, 1));
                List<DefinitionChange> changes = read > script.alteredAt
                        ? List.of()
                        : List.of(new DefinitionChange(
                                0,
                                TableChange.inferred(before, after),
                                events.get(0).position(),
                                events.get(0).transaction()));
                read++;
                return new LogBatch(
                        events,
                        Samples.token(read),
                        0,
                        changes.isEmpty() ? List.of() : List.of(after),
                        changes,
                        List.of());
            }

            @Override
            public void confirm(ResumeToken durable) {
                script.confirmed.add(Samples.number(durable));
            }

            @Override
            public void capture(List<CapturedTable> tables) {}

            @Override
            public void wakeUp() {}

            @Override
            public boolean hasReached(ResumeToken end) {
                return read >= Samples.number(end);
            }

            @Override
            public LogProgress progress() {
                return new LogProgress(script.transactions - read, 2_000_000);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
