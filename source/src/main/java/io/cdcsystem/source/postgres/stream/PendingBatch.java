package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.signal.LogSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Events with their cost, and the changes of definitions and the signals among them, until they are handed out. */
final class PendingBatch {
    /** Bytes from which on a batch is handed out. */
    static final int BYTES_MAX = 1024 * 1024;
    /** Events from which on a batch is handed out. */
    static final int EVENTS_MAX = 8192;

    private static final int EVENT_OVERHEAD_BYTES = 64;

    private List<SourceEvent> events = new ArrayList<>();
    private List<DefinitionChange> changes = new ArrayList<>();
    private List<LogSignal> signals = new ArrayList<>();
    private long bytes;

    boolean isEmpty() {
        return events.isEmpty() && changes.isEmpty() && signals.isEmpty();
    }

    /** Only events fill it: a slice that ended right behind a changed definition would hand it over twice. */
    boolean isFull() {
        return bytes >= BYTES_MAX || events.size() >= EVENTS_MAX;
    }

    /** An event comes, whose rows have that many bytes. */
    void add(SourceEvent event, long rowBytes) {
        events.add(event);
        bytes += EVENT_OVERHEAD_BYTES + rowBytes;
    }

    /** A definition changes behind the events so far. */
    void add(TableChange change, Position position, TransactionInfo transaction) {
        changes.add(new DefinitionChange(events.size(), change, position, transaction));
    }

    void addAll(List<LogSignal> more) {
        signals.addAll(more);
    }

    /** Takes over what {@code other} holds, behind what is here. */
    void take(PendingBatch other) {
        for (DefinitionChange change : other.changes) {
            add(change, events.size() + change.before());
        }
        events.addAll(other.events);
        signals.addAll(other.signals);
        bytes += other.bytes;
        other.clear();
    }

    private void add(DefinitionChange change, int before) {
        changes.add(new DefinitionChange(before, change.change(), change.position(), change.transaction()));
    }

    /** Takes out the changes of definitions that stand at that place: behind the last row, so they go with the next. */
    List<DefinitionChange> removeAt(Position place) {
        List<DefinitionChange> behind = new ArrayList<>();
        changes.removeIf(change -> {
            boolean there = change.position().equals(place);
            if (there) {
                behind.add(change);
            }
            return there;
        });
        return behind;
    }

    /** Puts changes at the beginning of what is empty. */
    void begin(List<DefinitionChange> first) {
        first.forEach(change -> add(change, 0));
    }

    /**
     * Hands out everything.
     *
     * @param captured which tables are captured: a restart does not need the version of another, and must not take it up
     */
    LogBatch hand(long boundary, long changesAfter, Predicate<TableId> captured) {
        List<TableSchema> versions = new ArrayList<>();
        changes.removeIf(change -> !captured.test(change.change().table()));
        for (DefinitionChange change : changes) {
            TableSchema after = change.change().after();
            if (after != null
                    && captured.test(after.id())
                    && !after.equals(change.change().before())) {
                versions.add(after);
            }
        }
        LogBatch batch =
                new LogBatch(events, new PgResumeToken(boundary).toToken(), changesAfter, versions, changes, signals);
        clear();
        return batch;
    }

    private void clear() {
        events = new ArrayList<>();
        changes = new ArrayList<>();
        signals = new ArrayList<>();
        bytes = 0;
    }
}
