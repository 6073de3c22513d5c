package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a capture, or goes on with a stored one: compares what is configured with what was captured, and what the state
 * says with what the server still has. Coordinator thread only.
 */
final class CaptureBeginning {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureBeginning.class);

    private final SourceConfig config;
    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final SnapshotSessions sessions;
    private final TableJoins joins;
    private final ReplacedTables replaced;
    private final SignalDesk signals;
    private final LogLine log;
    private boolean beginningAnew;

    CaptureBeginning(
            SourceConfig config,
            SplitAssigner assigner,
            BlockingCalls calls,
            AsyncCalls async,
            SnapshotSessions sessions,
            TableJoins joins,
            ReplacedTables replaced,
            SignalDesk signals,
            LogLine log) {
        this.config = config;
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
        this.sessions = sessions;
        this.joins = joins;
        this.replaced = replaced;
        this.signals = signals;
        this.log = log;
    }

    /** Begins a capture. */
    void begin() {
        async.check(calls::begin, this::begun);
    }

    private void begun(BlockingCalls.Begun begun) {
        SnapshotMode mode = config.snapshot().mode();
        boolean withRows = mode != SnapshotMode.NO_DATA && mode != SnapshotMode.FROM_POSITION;
        assigner.started(begun.start().epoch(), begun.start().token(), begun.end(), begun.tables(), withRows);
        open(begun);
        LOG.info("Capturing {} from {} on, history {}", assigner.tables().ids(), assigner.logStart(), assigner.epoch());
    }

    private void open(BlockingCalls.Begun begun) {
        GenerationSession session = begun.start().session();
        if (session != null) {
            sessions.opened(session);
        }
    }

    /** Goes on with a stored capture. */
    void resume() {
        LOG.info("Going on with {}: {}", assigner.tables().ids(), assigner.phase());
        List<TableId> captured = assigner.tables().ids();
        async.check(() -> calls.configured(captured), this::compareTables);
        if (config.snapshot().mode() == SnapshotMode.INITIAL_ONLY) {
            return;
        }
        // The state's end is that of the run that wrote it.
        if (config.logEnd().isBounded()) {
            async.check(calls::endOfLog, end -> {
                assigner.endAt(end);
                LOG.info("This run ends at {}", end);
            });
        } else {
            assigner.endAt(null);
        }
        if (assigner.phase() != Phase.STREAMING) {
            verify(assigner.logStart());
        } else if (!assigner.logAssigned()) {
            LogSplit returned = assigner.logReturned();
            verify(returned == null ? assigner.logStart() : returned.boundary());
        }
        // Where a reader holds the log, only its report says how far the log was read: verified then.
        signals.resume();
    }

    private void compareTables(BlockingCalls.Configured configured) {
        dropUnnamed(configured);
        if (config.snapshot().mode() != SnapshotMode.INITIAL_ONLY) {
            replaced.look();
        }
        CapturedTables tables = assigner.tables();
        List<TableSchema> added = configured.tables().stream()
                .filter(table -> !tables.ids().contains(table.id()))
                .filter(table -> !tables.removedBySignal().contains(table.id()))
                .toList();
        if (!added.isEmpty() && config.snapshot().mode() == SnapshotMode.INITIAL_ONLY) {
            LOG.warn(
                    "Not read: {} came to be after this pipeline had begun, which reads the tables of then only",
                    added);
        } else if (!added.isEmpty()) {
            joins.add(added, false, () -> {}, error -> {
                throw error;
            });
        }
    }

    private void dropUnnamed(BlockingCalls.Configured configured) {
        CapturedTables tables = assigner.tables();
        Set<TableId> byOrder = tables.addedBySignal();
        for (TableId unnamed : configured.unnamed()) {
            if (!byOrder.contains(unnamed) && tables.remove(unnamed, false)) {
                LOG.info("{} is not configured any more, and not captured any more", unnamed);
                log.capture();
            }
        }
    }

    /** Checks that the server still has the log from there on; it must be answered before anything is assigned. */
    void verify(ResumeToken token) {
        SourceEpoch epoch = assigner.epoch();
        async.check(
                () -> calls.verify(epoch, token),
                verified -> LOG.info("The server still has the log from {} on", verified),
                error -> lost(error, epoch));
    }

    private void lost(CdcException error, SourceEpoch verified) {
        if (beginningAnew || !verified.equals(assigner.epoch())) {
            // Of what was read before, and comes back once more, nothing is needed.
            return;
        }
        if (error.code() != ErrorCode.POSITION_LOST || config.snapshot().mode() != SnapshotMode.WHEN_NEEDED) {
            throw error;
        }
        LOG.warn("The position is lost: all tables are read again, and rows that are gone are deleted", error);
        beginningAnew = true;
        sessions.abandon();
        int generation = assigner.nextGeneration();
        Set<TableId> added = assigner.tables().addedBySignal();
        Set<TableId> removed = assigner.tables().removedBySignal();
        async.check(() -> calls.beginAnew(verified, generation, added, removed), begun -> {
            beginningAnew = false;
            assigner.startedAnew(begun.start().epoch(), begun.start().token(), begun.end(), begun.tables());
            open(begun);
        });
    }
}
