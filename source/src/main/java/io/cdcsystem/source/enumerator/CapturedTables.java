package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The captured tables in the order of reading, and what people asked of them. Coordinator thread only. */
public final class CapturedTables {
    private final ChunkSizing.Aim sizing;
    private final OpenGeneration generations;
    private final Map<TableId, TableWork> tables = new LinkedHashMap<>();
    /** Tables that left while readers still held chunks of them: rows of these may yet come. */
    private final Map<TableId, TableWork> departed = new HashMap<>();

    private int runs = 1;
    private boolean paused;
    private final Set<TableId> added = new TreeSet<>();
    private final Set<TableId> removed = new TreeSet<>();

    CapturedTables(ChunkSizing.Aim sizing, OpenGeneration generations) {
        this.sizing = sizing;
        this.generations = generations;
    }

    void restore(Capture capture) {
        runs = capture.runs();
        paused = capture.paused();
        added.addAll(capture.added());
        removed.addAll(capture.removed());
        capture.tables().forEach(table -> tables.put(table.schema().id(), new TableWork(table, sizing)));
    }

    /** The first run of each. */
    void begin(List<TableSchema> schemas, boolean withRows) {
        Stage stage = withRows ? Stage.READING : Stage.DONE;
        schemas.forEach(schema -> tables.put(schema.id(), new TableWork(schema, 1, stage, sizing)));
    }

    /** A further run of each, as what exists now. */
    void beginAnew(List<TableSchema> schemas) {
        Map<TableId, TableWork> before = new LinkedHashMap<>(tables);
        tables.clear();
        // Who paused could only resume by the log, which does not begin without the rows.
        paused = false;
        runs++;
        for (TableSchema schema : schemas) {
            TableWork known = before.get(schema.id());
            if (known == null) {
                tables.put(schema.id(), new TableWork(schema, runs, Stage.READING, sizing));
            } else {
                known.beginAnew(schema, runs);
                tables.put(schema.id(), known);
            }
        }
    }

    // ---- what people ask for

    /** A further snapshot of a captured table: now, or when the one under way is through. False where it is unknown. */
    public boolean order(TableId id, SnapshotOrder order) {
        TableWork table = tables.get(id);
        if (table == null) {
            return false;
        }
        if (table.order(order, runs + 1, generations.next())) {
            runs++;
        }
        return true;
    }

    /**
     * Gives up a table's further snapshots, the one under way among them; false where there is none, and for one that the
     * log waits for.
     */
    public boolean stop(TableId id, boolean logBegun) {
        TableWork table = tables.get(id);
        if (table == null || table.stage() == Stage.DONE || table.stage() == Stage.JOINING) {
            return false;
        }
        if (!logBegun && !table.settled()) {
            return false;
        }
        table.stop();
        return true;
    }

    /** Reads no further chunk until resumed, or goes on. */
    public void pause(boolean pause) {
        paused = pause;
    }

    /** Whether reading rows is paused. */
    public boolean isPaused() {
        return paused;
    }

    /** Captures a further table: its rows are read when it has {@link #joined}. */
    public void add(TableSchema schema, boolean bySignal) {
        if (bySignal) {
            removed.remove(schema.id());
            added.add(schema.id());
        }
        if (!tables.containsKey(schema.id())) {
            // A number of its own: it may have been captured before, and what was published then is to be replaced.
            runs++;
            TableWork joining = new TableWork(schema, runs, Stage.JOINING, sizing);
            TableWork before = departed.remove(schema.id());
            if (before != null) {
                joining.adopt(before);
            }
            tables.put(schema.id(), joining);
        }
    }

    /** Captures another table under a captured one's name, as a further run; whether the name is still captured. */
    public boolean replace(TableSchema present) {
        TableWork before = tables.get(present.id());
        if (before == null) {
            return false;
        }
        runs++;
        TableWork joining = new TableWork(present, runs, Stage.JOINING, sizing);
        joining.adopt(before);
        tables.put(present.id(), joining);
        return true;
    }

    /** Every change of the table that no generation from now on sees is going to come with the log, for that run of it. */
    public void joined(TableId id, int run) {
        TableWork table = tables.get(id);
        if (table != null) {
            table.joined(run, generations.next());
        }
    }

    /** Captures a table no more; whether it was captured. */
    public boolean remove(TableId id, boolean bySignal) {
        if (bySignal) {
            added.remove(id);
            removed.add(id);
        }
        TableWork table = tables.remove(id);
        if (table != null && table.isHeld()) {
            departed.put(id, table);
        }
        return table != null;
    }

    /** Tables that a signal added to the configured ones. */
    public Set<TableId> addedBySignal() {
        return Set.copyOf(added);
    }

    /** Tables that a signal took from the configured ones. */
    public Set<TableId> removedBySignal() {
        return Set.copyOf(removed);
    }

    // ---- what readers and checkpoints bring about

    /**
     * The table is no longer what that run reads.
     *
     * @param present as the catalog has it now; null where it is gone
     */
    public void changed(TableId id, int run, @Nullable TableSchema present) {
        TableWork table = tables.get(id);
        if (table == null || table.run() != run || table.settled()) {
            return;
        }
        if (present == null) {
            table.stop();
        } else {
            runs++;
            table.restart(present, runs, generations.next());
        }
    }

    /** The run cannot be read: it is given up, and what was published of it stays. */
    public void giveUp(TableId id, int run) {
        TableWork table = tables.get(id);
        if (table != null && table.run() == run && !table.settled()) {
            table.giveUp();
        }
    }

    /** The log reader has emitted the sweep of that run. */
    public void swept(TableId id, int run) {
        TableWork table = tables.get(id);
        if (table != null) {
            table.swept(run);
        }
    }

    void checkpointCompleted(long checkpoint) {
        departed.values().removeIf(table -> !table.isHeld());
        for (TableWork table : tables.values()) {
            table.checkpointCompleted(checkpoint);
            if (table.beginOrdered(runs + 1, generations.next())) {
                runs++;
            }
        }
    }

    // ---- what others see

    /** Their names, in order. */
    public List<TableId> ids() {
        return List.copyOf(tables.keySet());
    }

    /** The tables that have come as far as that and no further, with their runs. */
    public Map<TableId, Integer> runsIn(Stage stage) {
        Map<TableId, Integer> found = new LinkedHashMap<>();
        for (TableWork table : tables.values()) {
            if (table.stage() == stage) {
                found.put(table.id(), table.run());
            }
        }
        return found;
    }

    /** The versions under which rows are read. */
    Set<TableSchema> readVersions() {
        Set<TableSchema> versions = new HashSet<>();
        tables.values().stream().filter(TableWork::mayRead).forEach(table -> versions.add(table.schema()));
        return versions;
    }

    /** How far each is. */
    public List<TableStatus> statuses() {
        return tables.values().stream().map(TableWork::status).toList();
    }

    /** Whether nothing is left to do for any: no rows to read, nothing to sweep, and no run that waits. */
    public boolean areDone() {
        return tables.values().stream().allMatch(TableWork::isDone);
    }

    /** Chunks that no reader holds. */
    public int chunksWaitingCount() {
        return tables.values().stream().mapToInt(TableWork::waitingCount).sum();
    }

    /** A captured table, or one that left while readers still read it. */
    @Nullable
    TableWork get(TableId id) {
        TableWork captured = tables.get(id);
        return captured == null ? departed.get(id) : captured;
    }

    Collection<TableWork> all() {
        return tables.values();
    }

    int runs() {
        return runs;
    }

    List<TableProgress> progress() {
        return tables.values().stream().map(TableWork::progress).toList();
    }

    boolean allSettled() {
        return tables.values().stream().allMatch(TableWork::settled);
    }

    boolean allRead() {
        return tables.values().stream().allMatch(table -> table.stage().compareTo(Stage.READ) >= 0);
    }
}
