package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.CapturedTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The version of each captured table that is in force, and which table an oid means.
 *
 * <p>A name that its table has left, because it was dropped or renamed, stays captured: it is vacant, and the next table of
 * that name is a new one. What was changed behind the last row can be taken back, for a session that begins there.
 */
final class VersionsInForce {
    private static final Logger LOG = LoggerFactory.getLogger(VersionsInForce.class);

    private final Predicate<TableId> configured;
    private State state = new State();
    private @Nullable State saved;

    private static final class State {
        private final Map<TableId, TableSchema> versions = new HashMap<>();
        private final Map<TableId, Visibility> alreadyRead = new HashMap<>();
        private final Set<TableId> vacant = new HashSet<>();
        /** By oid, as this reading's log told it. */
        private final Map<Integer, TableId> names = new HashMap<>();
        /** By oid, as the catalog has it now, which may be ahead of the log. */
        private final Map<Integer, TableId> presumed = new HashMap<>();

        private final Map<Integer, ToldTable> told = new HashMap<>();
        private final Map<TableId, TableId> renamed = new HashMap<>();

        State copy() {
            State copy = new State();
            copy.versions.putAll(versions);
            copy.alreadyRead.putAll(alreadyRead);
            copy.vacant.addAll(vacant);
            copy.names.putAll(names);
            copy.presumed.putAll(presumed);
            copy.told.putAll(told);
            copy.renamed.putAll(renamed);
            return copy;
        }
    }

    /**
     * These tables.
     *
     * @param configured whether the configuration means a table: a renamed one is captured on under a name that it does
     */
    VersionsInForce(List<CapturedTable> tables, Predicate<TableId> configured) {
        this.configured = configured;
        set(tables);
    }

    /** From here on exactly these tables are captured, under the names that they have by now; known ones stay as they are. */
    final void set(List<CapturedTable> tables) {
        Set<TableId> ids = new HashSet<>();
        for (CapturedTable table : tables) {
            TableId id = table.schema().id();
            ids.add(id);
            Generation oldest = table.oldestGeneration();
            if (state.versions.putIfAbsent(id, table.schema()) == null && oldest != null) {
                state.alreadyRead.put(id, oldest.visibility());
            }
        }
        for (TableId to = next(ids); to != null; to = next(ids)) {
            ids.add(to);
        }
        state.versions.keySet().retainAll(ids);
        state.alreadyRead.keySet().retainAll(ids);
        state.vacant.retainAll(ids);
        settle();
    }

    private @Nullable TableId next(Set<TableId> ids) {
        for (Map.Entry<TableId, TableId> renamed : state.renamed.entrySet()) {
            if (ids.contains(renamed.getKey()) && !ids.contains(renamed.getValue())) {
                return renamed.getValue();
            }
        }
        return null;
    }

    /** What the catalog says of oids; taken for true until the log says otherwise. */
    void presume(Map<TableId, Integer> oids) {
        oids.forEach((id, oid) -> state.presumed.put(oid, id));
    }

    /** The catalog was wrong about that oid at this place of the log. */
    void presumeNot(int oid) {
        state.presumed.remove(oid);
    }

    /** The table of that oid as the log told it; null where it did not. */
    @Nullable
    TableId told(int oid) {
        return state.names.get(oid);
    }

    /** The table of that oid as the catalog has it; null where it is not known. */
    @Nullable
    TableId presumed(int oid) {
        return state.presumed.get(oid);
    }

    /** The oids that are known for a table. */
    Set<Integer> oids(TableId id) {
        Set<Integer> oids = new HashSet<>();
        state.names.forEach((oid, name) -> {
            if (name.equals(id)) {
                oids.add(oid);
            }
        });
        return oids;
    }

    /** The log names a captured table by that oid. */
    void named(int oid, TableId id) {
        if (!id.equals(state.names.get(oid))) {
            save();
            // A name means one table at a time: who had it before has left it, maybe unseen.
            state.names.values().removeIf(id::equals);
            state.presumed.values().removeIf(id::equals);
            state.presumed.remove(oid);
            state.names.put(oid, id);
        }
    }

    /** Whether a table of that name is captured, or would be. */
    boolean captures(TableId id) {
        return state.versions.containsKey(id);
    }

    /** Whether the table of that name is captured on under it after a rename. */
    boolean isRenamed(TableId id) {
        return state.renamed.containsValue(id) && version(id) != null;
    }

    /** Whether a table that takes that name is captured. */
    boolean takes(TableId id) {
        return captures(id) || configured.test(id);
    }

    /** The version in force; null where there is no such table now. */
    @Nullable
    TableSchema version(TableId id) {
        return state.vacant.contains(id) ? null : state.versions.get(id);
    }

    /** The captured names that have a table. */
    Set<TableId> occupied() {
        Set<TableId> occupied = new HashSet<>(state.versions.keySet());
        occupied.removeAll(state.vacant);
        return occupied;
    }

    @Nullable
    Visibility alreadyRead(TableId id) {
        return state.alreadyRead.get(id);
    }

    /** What the event triggers told last of that table; null where nothing. */
    @Nullable
    ToldTable definition(int oid) {
        return state.told.get(oid);
    }

    /** Of equal versions the one of before: consumers tell versions apart at a glance. */
    static TableSchema kept(@Nullable TableSchema before, TableSchema now) {
        return before != null && before.equals(now) ? before : now;
    }

    /** A version begins, unless it is the one in force. */
    void begin(TableSchema version) {
        if (version.equals(version(version.id()))) {
            return;
        }
        save();
        if (state.vacant.remove(version.id())) {
            // Of the table that had the name before.
            state.alreadyRead.remove(version.id());
        }
        state.versions.put(version.id(), version);
    }

    /** The event triggers told a table. */
    void tell(int oid, ToldTable table) {
        save();
        state.told.put(oid, table);
    }

    /** The table of that name is gone. */
    void vacate(TableId id) {
        save();
        state.vacant.add(id);
        state.names.values().removeIf(id::equals);
        state.presumed.values().removeIf(id::equals);
    }

    /** A table has another name now, under which it is captured on if the configuration means it. */
    void rename(int oid, TableId from, TableSchema version) {
        TableId to = version.id();
        Visibility visibility = state.alreadyRead.get(from);
        boolean goesOn = takes(to);
        vacate(from);
        if (!goesOn) {
            LOG.warn(
                    "{} was renamed to {}, which source.tables does not mean: it is not captured any more; to capture it,"
                            + " add it to source.tables, or send an add-tables signal",
                    from,
                    to);
            return;
        }
        LOG.info("{} was renamed to {}, and is captured on under that name", from, to);
        begin(version);
        named(oid, to);
        state.renamed.put(from, to);
        if (visibility != null) {
            state.alreadyRead.put(to, visibility);
        }
    }

    private void save() {
        if (saved == null) {
            saved = state.copy();
        }
    }

    /** What was changed until here stays. */
    final void settle() {
        saved = null;
    }

    /** Takes back what was changed since {@link #settle()}. */
    void restore() {
        State before = saved;
        if (before != null) {
            state = before;
            saved = null;
        }
    }
}
