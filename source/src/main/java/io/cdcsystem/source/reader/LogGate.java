package io.cdcsystem.source.reader;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.HandedOver;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a table's events go only under versions that were admitted: from a change of its definition on, and from the first
 * event of an unknown version on, everything of the table waits in order until the ruling is there. Other tables go on,
 * unless the configuration has them wait as well.
 *
 * <p>What waits is in memory only. So the log has to be read again from before the first waiting thing, and what the other
 * tables had from there on is remembered in {@link HandedOver}.
 *
 * <p>Pure; task thread only.
 */
final class LogGate {
    private final VersionAdmissions admissions;
    private final boolean allWait;
    private final long backlogBytesMax;
    private final LogReplay replay;
    private Deque<Waiting> backlog = new ArrayDeque<>();
    private long backlogBytes;
    private final Set<TableId> waiting = new HashSet<>();
    /** Of each table the first that waits, as far as it came with the log. */
    private final Map<TableId, Hold> holds = new HashMap<>();

    /** Tables that were captured before, and are not now. */
    private final Set<TableId> forgotten = new HashSet<>();

    private final Map<Question, Waiting> asked = new HashMap<>();
    private final Set<Waiting> ruled = Collections.newSetFromMap(new IdentityHashMap<>());

    private record Hold(LogPoint point, Position from) {}

    private record Question(TableChange change, Position position) {}

    /** A gate behind which everything was handed over but for {@code earlier}. */
    LogGate(VersionAdmissions admissions, @Nullable SchemaGateConfig config, @Nullable HandedOver earlier) {
        this.admissions = admissions;
        this.allWait = config != null && config.scope() == SchemaGateConfig.Scope.PIPELINE;
        this.backlogBytesMax = config == null ? SchemaGateConfig.BACKLOG_BYTES_MAX : config.backlogBytesMax();
        this.replay = new LogReplay(earlier);
    }

    // ---- what comes

    /** Takes in a batch that begins at {@code point}. */
    void read(LogBatch batch, LogPoint point, GateOutput output) {
        List<SourceEvent> events = batch.events();
        List<DefinitionChange> changes = batch.changes();
        int nextChange = 0;
        for (int i = 0; i < events.size(); i++) {
            while (nextChange < changes.size() && changes.get(nextChange).before() <= i) {
                read(changes.get(nextChange++), point, output);
            }
            SourceEvent event = events.get(i);
            if (replay.isRepeated(event) || isForgotten(event.table().id())) {
                continue;
            }
            if (waiting.isEmpty() && admissions.isAdmitted(event.table())) {
                output.handOver(event);
            } else {
                pass(new Waiting.Event(event, point), output);
            }
        }
        while (nextChange < changes.size()) {
            read(changes.get(nextChange++), point, output);
        }
    }

    private void read(DefinitionChange change, LogPoint point, GateOutput output) {
        List<TableId> tables = Waiting.Change.tables(change.change());
        if (!admissions.areRuled() || replay.isRepeated(change.change(), tables, change.position())) {
            return;
        }
        if (isForgotten(change.change().table())) {
            return;
        }
        // A table that is captured takes a name that was left.
        forgotten.removeAll(tables);
        Map<TableId, Position> from = new HashMap<>();
        tables.forEach(table ->
                from.put(table, replay.waitsFrom(table, change.position().epoch())));
        pass(new Waiting.Change(change, point, from), output);
    }

    /** Takes in the end of a table's snapshot: it comes behind what the table waits with. */
    void sweep(ReadBatch.Swept swept, GateOutput output) {
        if (!isForgotten(swept.event().table().id())) {
            pass(new Waiting.Sweep(swept), output);
        }
    }

    /** Takes in the end of the log: it is reached when nothing waits. */
    void end(GateOutput output) {
        pass(new Waiting.End(), output);
    }

    /** The ruling that something waits for; one that nothing waits for changes nothing. */
    void ruled(SchemaReply.Ruled ruling, GateOutput output) {
        TableSchema after = ruling.change().after();
        Admission admission = ruling.admission();
        if (after != null) {
            admissions.admit(after, Objects.requireNonNull(admission, "an admission of " + after.id()));
        }
        Waiting head = asked.remove(new Question(ruling.change(), ruling.position()));
        if (head != null) {
            ruled.add(head);
            passAgain(Set.of(), output);
        }
    }

    /**
     * These tables are captured no more: what waits of them has nowhere to go, and what the transaction that is being read
     * still brings neither.
     */
    void forget(Set<TableId> tables, GateOutput output) {
        forgotten.addAll(tables);
        if (!Collections.disjoint(waiting, tables)) {
            passAgain(tables, output);
        }
    }

    /** These tables are captured, maybe once more. */
    void capture(Set<TableId> tables) {
        forgotten.removeAll(tables);
    }

    private boolean isForgotten(TableId table) {
        return !forgotten.isEmpty() && forgotten.contains(table);
    }

    // ---- the backlog

    private void passAgain(Set<TableId> without, GateOutput output) {
        Deque<Waiting> before = backlog;
        backlog = new ArrayDeque<>();
        backlogBytes = 0;
        waiting.clear();
        holds.clear();
        for (Waiting next = before.poll(); next != null; next = before.poll()) {
            if (!next.tables().isEmpty() && without.containsAll(next.tables())) {
                withdraw(next, output);
            } else {
                pass(next, output);
            }
        }
    }

    private void pass(Waiting next, GateOutput output) {
        if (isBehindOthers(next)) {
            keep(next);
        } else if (isFree(next)) {
            ruled.remove(next);
            letGo(next, output);
        } else {
            ask(next, output);
            keep(next);
        }
    }

    private boolean isBehindOthers(Waiting next) {
        return (allWait || next instanceof Waiting.End)
                ? !backlog.isEmpty()
                : !Collections.disjoint(waiting, next.tables());
    }

    private boolean isFree(Waiting next) {
        if (next instanceof Waiting.Event waited) {
            return admissions.isAdmitted(waited.event().table());
        }
        if (next instanceof Waiting.Sweep waited) {
            return admissions.isAdmitted(waited.swept().event().table());
        }
        return next instanceof Waiting.End || ruled.contains(next);
    }

    private static void letGo(Waiting next, GateOutput output) {
        if (next instanceof Waiting.Event waited) {
            output.handOver(waited.event());
        } else if (next instanceof Waiting.Sweep waited) {
            output.handOver(waited.swept().event());
            output.report(new ReaderReport.TableSwept(
                    waited.swept().request().table().id(),
                    waited.swept().request().oldest().run()));
        } else if (next instanceof Waiting.End) {
            output.report(new ReaderReport.LogEndReached());
        }
    }

    private void ask(Waiting next, GateOutput output) {
        ReaderReport.VersionAsked question = next.question();
        if (question != null && asked.put(key(question), next) == null) {
            output.report(question);
        }
    }

    private void withdraw(Waiting next, GateOutput output) {
        ruled.remove(next);
        ReaderReport.VersionAsked question = next.question();
        if (question != null && asked.remove(key(question), next)) {
            output.report(new ReaderReport.VersionWithdrawn(question.change(), question.position()));
        }
    }

    private static Question key(ReaderReport.VersionAsked asked) {
        return new Question(asked.change(), asked.position());
    }

    private void keep(Waiting next) {
        backlog.add(next);
        backlogBytes += next.bytes();
        waiting.addAll(next.tables());
        if (next instanceof Waiting.Event waited) {
            hold(waited.event().table().id(), waited.point(), waited.event().position());
        } else if (next instanceof Waiting.Change waited) {
            waited.from().forEach((table, from) -> hold(table, waited.point(), from));
        }
    }

    private void hold(TableId table, LogPoint point, Position from) {
        if (!holds.containsKey(table)) {
            holds.put(table, new Hold(point, from));
        }
    }

    // ---- what others see

    /** Whether the log is not to be read further for now. */
    boolean isFull() {
        return backlogBytes > backlogBytesMax || (allWait && !backlog.isEmpty());
    }

    /** The place from which the log has to be read again for what waits; {@code present} where nothing does. */
    LogPoint readAgainFrom(LogPoint present) {
        LogPoint first = present;
        for (Hold hold : holds.values()) {
            first = hold.point().number() < first.number() ? hold.point() : first;
        }
        return first;
    }

    /** What was handed over of the log behind that place; null where nothing was. */
    @Nullable
    HandedOver handedOver() {
        Map<TableId, Position> positions = new HashMap<>();
        holds.forEach((table, hold) -> positions.put(table, hold.from()));
        return replay.handedOver(positions);
    }
}
