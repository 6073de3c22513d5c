package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalException;
import io.cdcsystem.source.signal.SignalParser;
import io.cdcsystem.source.signal.SnapshotCommand;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what signals ask for, each once: those of the log by their position, those of the channel by their offset.
 * What is wrong with a signal is logged, and never stops the capture. Coordinator thread only.
 */
final class SignalDesk {
    private static final Logger LOG = LoggerFactory.getLogger(SignalDesk.class);

    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final TableJoins joins;
    private final LogLine log;

    SignalDesk(SplitAssigner assigner, BlockingCalls calls, AsyncCalls async, TableJoins joins, LogLine log) {
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
        this.joins = joins;
        this.log = log;
    }

    /** One that came with the log, maybe not for the first time. */
    void arrived(LogSignal signal) {
        if (!assigner.signals().hasApplied(signal.position())) {
            assigner.signalsApplied(assigner.signals().upTo(signal.position()));
            carryOut(signal.signal(), signal.position().toString());
        }
    }

    /** Those of the channel since the last call. */
    void polled(BlockingCalls.Polled polled) {
        assigner.signalsApplied(assigner.signals().upTo(polled.offset()));
        String where = "before offset " + polled.offset();
        polled.signals().forEach(signal -> carryOut(signal, where));
    }

    /** Those that a run before this one has not brought to an end. */
    void resume() {
        for (Signal signal : assigner.signals().unfinished()) {
            assigner.signalsApplied(assigner.signals().without(signal));
            carryOut(signal, "an earlier run");
        }
    }

    private void carryOut(Signal signal, String where) {
        SnapshotCommand command;
        try {
            command = SignalParser.parse(signal);
        } catch (SignalException e) {
            LOG.warn("Signal '{}' of type '{}' is not understood: {}", signal.id(), signal.type(), e.getMessage());
            return;
        }
        LOG.info("Signal '{}': {}", signal.id(), command);
        if (command instanceof SnapshotCommand.ExecuteSnapshot execute) {
            execute(signal, execute);
        } else if (command instanceof SnapshotCommand.StopSnapshot stop) {
            stop(stop);
        } else if (command instanceof SnapshotCommand.PauseSnapshot) {
            assigner.tables().pause(true);
        } else if (command instanceof SnapshotCommand.ResumeSnapshot) {
            assigner.tables().pause(false);
        } else if (command instanceof SnapshotCommand.AddTables add) {
            add(signal, add);
        } else if (command instanceof SnapshotCommand.RemoveTables remove) {
            remove(remove);
        } else if (command instanceof SnapshotCommand.LogMessage message) {
            LOG.info("Signal '{}' says: {}", signal.id(), message.message().replace("{}", where));
        }
    }

    private void execute(Signal signal, SnapshotCommand.ExecuteSnapshot execute) {
        execute.remarks().forEach(remark -> LOG.warn("Signal '{}': {}", signal.id(), remark));
        List<TableId> ordered = new ArrayList<>();
        for (TableId table : assigner.tables().ids()) {
            if (execute.matches(table) && assigner.tables().order(table, new SnapshotOrder(execute.condition(table)))) {
                ordered.add(table);
            }
        }
        if (ordered.isEmpty()) {
            LOG.warn(
                    "Signal '{}' names no captured table: {}; captured are {}",
                    signal.id(),
                    execute.tables(),
                    assigner.tables().ids());
        } else {
            LOG.info("Snapshot of {} is ordered", ordered);
        }
    }

    private void stop(SnapshotCommand.StopSnapshot stop) {
        boolean logBegun = assigner.phase() == Phase.STREAMING;
        for (TableId table : assigner.tables().ids()) {
            if (stop.matches(table) && assigner.tables().stop(table, logBegun)) {
                LOG.info("Snapshot of {} is given up: what was published of it stays", table);
            }
        }
    }

    private void add(Signal signal, SnapshotCommand.AddTables add) {
        assigner.signalsApplied(assigner.signals().with(signal));
        Runnable done = () -> assigner.signalsApplied(assigner.signals().without(signal));
        List<TableId> captured = assigner.tables().ids();
        async.attempt(
                () -> calls.find(table -> add.matches(table) && !captured.contains(table)),
                found -> {
                    if (found.isEmpty() && captured.stream().anyMatch(add::matches)) {
                        LOG.info("Signal '{}' names what is captured already: {}", signal.id(), add.tables());
                        done.run();
                    } else if (found.isEmpty()) {
                        LOG.warn("Signal '{}' names no further table of the database: {}", signal.id(), add.tables());
                        done.run();
                    } else {
                        join(signal, found, done);
                    }
                },
                error -> refused(signal, error, done));
    }

    private void join(Signal signal, List<TableSchema> found, Runnable done) {
        joins.add(found, true, done, error -> refused(signal, error, done));
    }

    private static void refused(Signal signal, CdcException error, Runnable done) {
        LOG.error("Signal '{}' cannot be carried out", signal.id(), error);
        done.run();
    }

    private void remove(SnapshotCommand.RemoveTables remove) {
        boolean any = false;
        for (TableId table : assigner.tables().ids()) {
            if (remove.matches(table) && assigner.tables().remove(table, true)) {
                LOG.info("{} is not captured any more", table);
                any = true;
            }
        }
        if (any) {
            log.capture();
        }
    }
}
