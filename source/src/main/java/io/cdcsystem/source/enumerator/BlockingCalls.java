package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.OpenTransactions;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalChannel;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The enumerator's calls to the database and to the signals' channel. They block: the I/O thread only, except
 * {@link #close()}, which comes when that thread has stopped.
 */
final class BlockingCalls implements AutoCloseable {
    /** Chunks planned by one call: short enough that other calls need not wait long for the one I/O thread. */
    static final int CHUNKS_PER_PLAN = 16;

    private static final Logger LOG = LoggerFactory.getLogger(BlockingCalls.class);

    private final Database database;
    private final SourceConfig config;
    /** Also those whose call was answered when nobody listened any more. */
    private final Set<GenerationSession> sessions = ConcurrentHashMap.newKeySet();

    private @Nullable SignalChannel channel;

    BlockingCalls(Database database, SourceConfig config) {
        this.database = database;
        this.config = config;
    }

    /** What is fixed at the start of a capture. */
    record Begun(
            List<TableSchema> tables,
            LogStart start,
            @Nullable ResumeToken end) {}

    /** What the configuration says to a capture that goes on: its tables, and those of the captured that it does not name. */
    record Configured(List<TableSchema> tables, Set<TableId> unnamed) {}

    /** Signals of the channel, and the offset behind them. */
    record Polled(List<Signal> signals, long offset) {}

    Begun begin() {
        SnapshotConfig snapshot = config.snapshot();
        return begin(
                switch (snapshot.mode()) {
                    case INITIAL, WHEN_NEEDED -> new StartFrom.Snapshot(1, null);
                    case INITIAL_ONLY -> new StartFrom.SnapshotOnly();
                    case NO_DATA -> new StartFrom.Now();
                    case FROM_POSITION -> new StartFrom.At(String.valueOf(snapshot.position()));
                });
    }

    /** Begins again: with the configured tables, those that signals added, and without those that they removed. */
    Begun beginAnew(SourceEpoch lost, int generation, Set<TableId> added, Set<TableId> removed) {
        List<TableSchema> tables = new ArrayList<>(database.discoverTables());
        Set<TableId> known = new TreeSet<>(tables.stream().map(TableSchema::id).toList());
        tables.addAll(database.findTables(table -> added.contains(table) && !known.contains(table)));
        tables.removeIf(table -> removed.contains(table.id()));
        return begin(tables, new StartFrom.Snapshot(generation, lost));
    }

    private Begun begin(StartFrom from) {
        return begin(database.discoverTables(), from);
    }

    private Begun begin(List<TableSchema> discovered, StartFrom from) {
        List<TableSchema> tables = ordered(discovered);
        LogStart start = database.start(tables, from);
        GenerationSession session = start.session();
        if (session != null) {
            sessions.add(session);
        }
        boolean ends = config.logEnd().isBounded() && config.snapshot().mode() != SnapshotMode.INITIAL_ONLY;
        return new Begun(tables, start, ends ? endOfLog() : null);
    }

    private List<TableSchema> ordered(List<TableSchema> tables) {
        SnapshotConfig.TableOrder order = config.snapshot().tableOrder();
        if (order == SnapshotConfig.TableOrder.CONFIGURED) {
            return tables;
        }
        Map<TableId, Long> rows = new HashMap<>();
        for (TableSchema table : tables) {
            ChunkPlan plan =
                    database.planChunks(table, null, null, config.snapshot().chunkSize(), 1);
            rows.put(table.id(), plan == null ? -1 : plan.rowsEstimated());
        }
        Comparator<TableSchema> ascending = Comparator.comparing((TableSchema table) -> rows.get(table.id()));
        List<TableSchema> sorted = new ArrayList<>(tables);
        sorted.sort(order == SnapshotConfig.TableOrder.ROW_COUNT_ASCENDING ? ascending : ascending.reversed());
        return sorted;
    }

    /** Whether the configuration names this table; asks nobody. */
    boolean names(TableId table) {
        return database.names(table);
    }

    ResumeToken endOfLog() {
        return database.endOfLog();
    }

    Configured configured(List<TableId> captured) {
        Set<TableId> unnamed = new TreeSet<>(captured);
        unnamed.removeIf(database::names);
        try {
            return new Configured(database.discoverTables(), unnamed);
        } catch (CdcException e) {
            // A table that was dropped since has still its changes in the log; they must not be held up.
            if (e.code() == ErrorCode.TABLE_MISSING) {
                LOG.warn("The configuration names a table that is gone; the others go on", e);
                return new Configured(List.of(), unnamed);
            }
            throw e;
        }
    }

    List<TableSchema> find(Predicate<TableId> wanted) {
        return database.findTables(wanted);
    }

    /** Of the captured tables those that the log does not publish as they are now, and the {@code owed} ones. */
    List<TableSchema> unpublished(List<TableId> captured, Set<TableId> owed) {
        List<TableSchema> found = new ArrayList<>(database.unpublished(captured));
        Set<TableId> missing = new TreeSet<>(owed);
        found.forEach(table -> missing.remove(table.id()));
        if (!missing.isEmpty()) {
            found.addAll(database.findTables(missing::contains));
        }
        return found;
    }

    List<TableSchema> publish(List<TableSchema> tables) {
        database.publish(tables);
        return tables;
    }

    OpenTransactions openTransactions() {
        return database.openTransactions();
    }

    ResumeToken verify(SourceEpoch epoch, ResumeToken token) {
        database.verify(epoch, token);
        return token;
    }

    GenerationSession openGeneration(SourceEpoch epoch, @Nullable ResumeToken logStart, int number) {
        GenerationSession opened = database.openGeneration(epoch, logStart, number);
        sessions.add(opened);
        return opened;
    }

    Optional<ChunkPlan> plan(PlanRequest request) {
        return Optional.ofNullable(database.planChunks(
                request.table(), request.condition(), request.after(), request.rowsPerChunk(), CHUNKS_PER_PLAN));
    }

    int closeSession(GenerationSession session) {
        sessions.remove(session);
        session.close();
        return session.generation().number();
    }

    /** What arrived on the channel; nothing where there is none. */
    Polled poll(long offset) {
        if (config.signals() == null) {
            return new Polled(List.of(), offset);
        }
        SignalChannel open = channel;
        if (open == null) {
            open = config.signals().open(offset);
            channel = open;
        }
        List<Signal> signals = open.poll();
        return new Polled(signals, open.offset());
    }

    @Override
    public void close() {
        sessions.forEach(GenerationSession::close);
        SignalChannel open = channel;
        if (open != null) {
            open.close();
        }
        database.close();
    }
}
