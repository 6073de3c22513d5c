package io.cdcsystem.source.reader;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far the log was emitted, under which table versions, and which signals came with it. Task thread only.
 *
 * <p>Where tables wait at the {@link LogGate}, the state is that of the place from which the log has to be read again for
 * them.
 *
 * <p>A signal is kept until a checkpoint that holds it is complete, for the reason that a finished chunk is: the
 * enumerator's part of the checkpoint may be older than the signal, and then only ours knows it.
 */
final class LogState implements SplitState {
    private static final long NO_CHECKPOINT = Long.MAX_VALUE;

    private final LogSplit assigned;
    private final LogGate gate;
    private final Map<TableId, CapturedTable> tables = new LinkedHashMap<>();
    /** New names that the log gave to tables, with the old ones, until the enumerator asks for the new ones. */
    private final Map<TableId, TableId> renamed = new HashMap<>();
    /** With the first checkpoint that holds each. */
    private final Map<LogSignal, Long> signals = new LinkedHashMap<>();

    private LogPoint point;

    /** A log that is read from there, through this gate. */
    LogState(LogSplit assigned, LogGate gate) {
        this.assigned = assigned;
        this.gate = gate;
        this.point = new LogPoint(0, assigned.boundary(), assigned.changesAfter(), assigned.tables());
        assigned.tables().forEach(table -> tables.put(table.schema().id(), table));
        assigned.signals().forEach(signal -> signals.put(signal, NO_CHECKPOINT));
    }

    LogGate gate() {
        return gate;
    }

    /** Where the next batch begins. */
    LogPoint point() {
        return point;
    }

    /** Moves behind a batch that was taken in as a whole. */
    void advance(LogBatch batch) {
        for (TableSchema version : batch.newVersions()) {
            CapturedTable known = tables.get(version.id());
            tables.put(version.id(), new CapturedTable(version, known == null ? null : known.oldestGeneration()));
        }
        for (DefinitionChange change : batch.changes()) {
            noteRename(change.change());
        }
        List<CapturedTable> captured = batch.newVersions().isEmpty() ? point.tables() : List.copyOf(tables.values());
        point = new LogPoint(point.number() + 1, batch.boundary(), batch.changesAfter(), captured);
        batch.signals().forEach(signal -> signals.put(signal, NO_CHECKPOINT));
    }

    private void noteRename(TableChange change) {
        TableSchema after = change.after();
        if (change.before() != null && after != null && !after.id().equals(change.table())) {
            renamed.put(after.id(), change.table());
        }
    }

    /**
     * From here on exactly these tables are captured, and those that go on under names that the enumerator does not know yet;
     * known ones keep their version. Returns those that are no more.
     */
    Set<TableId> capture(List<CapturedTable> captured) {
        Map<TableId, CapturedTable> before = Map.copyOf(tables);
        tables.clear();
        for (CapturedTable table : captured) {
            TableId id = table.schema().id();
            tables.put(id, before.getOrDefault(id, table));
            renamed.remove(id);
        }
        keepRenamed(before);
        gate.capture(tables.keySet());
        point = new LogPoint(point.number(), point.boundary(), point.changesAfter(), List.copyOf(tables.values()));
        Set<TableId> gone = new HashSet<>(before.keySet());
        gone.removeAll(tables.keySet());
        return gone;
    }

    private void keepRenamed(Map<TableId, CapturedTable> before) {
        for (boolean more = true; more; ) {
            more = false;
            for (Map.Entry<TableId, TableId> rename : renamed.entrySet()) {
                CapturedTable table = before.get(rename.getKey());
                if (table != null && tables.containsKey(rename.getValue())) {
                    more |= tables.putIfAbsent(rename.getKey(), table) == null;
                }
            }
        }
        renamed.keySet().retainAll(tables.keySet());
    }

    /** A checkpoint holds what came until now. */
    void checkpointTaken(long checkpoint) {
        signals.replaceAll((signal, first) -> Math.min(first, checkpoint));
    }

    /** What that checkpoint holds is with the enumerator for good. */
    void checkpointCompleted(long checkpoint) {
        signals.values().removeIf(first -> first <= checkpoint);
    }

    @Override
    public LogSplit toSplit() {
        LogPoint from = gate.readAgainFrom(point);
        return new LogSplit(
                assigned.epoch(),
                from.boundary(),
                from.changesAfter(),
                from.tables(),
                List.copyOf(signals.keySet()),
                assigned.end(),
                gate.handedOver());
    }
}
