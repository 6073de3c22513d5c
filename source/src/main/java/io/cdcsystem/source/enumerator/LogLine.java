package io.cdcsystem.source.enumerator;

import io.cdcsystem.source.protocol.LogRequest;
import java.util.Optional;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Speaks with the reader that holds the log. Coordinator thread only. */
final class LogLine {
    private static final int NOBODY = -1;

    private final SplitEnumeratorContext<?> context;
    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private int owner = NOBODY;
    private int revision;
    private int capturedRevision;

    LogLine(SplitEnumeratorContext<?> context, SplitAssigner assigner, BlockingCalls calls, AsyncCalls async) {
        this.context = context;
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
    }

    /** Whether a reader is known to which the log belongs. */
    boolean hasOwner() {
        return owner != NOBODY;
    }

    /** That reader's subtask. */
    int owner() {
        return owner;
    }

    /** It belongs to that reader, also while it is to be assigned to it again. */
    void belongsTo(int subtask) {
        owner = subtask;
    }

    /** A reader failed: if it was that one, it hears nothing until it comes back, and then gives the log back. */
    void failed(int subtask) {
        if (owner == subtask) {
            owner = NOBODY;
        }
    }

    /** It is assigned, with all tables that are captured by now. */
    void assigned(int subtask) {
        owner = subtask;
        capturedRevision = revision;
    }

    /** Has the reader capture the tables as they are now; one that is yet to give the log back gets them with it. */
    void capture() {
        revision++;
        if (isRead()) {
            context.sendEventToSourceReader(owner, new LogRequest.CaptureTables(revision, assigner.captured()));
        }
    }

    /** Whether a reader reads the log that can be told something: after a restore, and a failure, none can. */
    private boolean isRead() {
        return assigner.logAssigned() && context.registeredReaders().containsKey(owner);
    }

    /** The reader captures the tables of that request. */
    void captured(int confirmed) {
        capturedRevision = Math.max(capturedRevision, confirmed);
    }

    /** Whether every captured table's changes come from where the log stands: also where it will only begin. */
    boolean hasCaptured() {
        return assigner.phase() == Phase.STREAMING
                ? assigner.logAssigned() && capturedRevision == revision
                : assigner.phase() != Phase.DISCOVERING;
    }

    /** The reader may end with the log: nothing else is to come. */
    void finish() {
        if (isRead()) {
            context.sendEventToSourceReader(owner, new LogRequest.Finish());
        }
    }

    /** Asks for the sweeps that are due, each behind the end that the log has now. */
    void sweep() {
        for (Optional<SweepOrder> due = assigner.nextSweep(); due.isPresent(); due = assigner.nextSweep()) {
            SweepOrder sweep = due.get();
            async.call(calls::endOfLog, end -> {
                if (isRead()) {
                    context.sendEventToSourceReader(
                            owner, new LogRequest.SweepTable(sweep.table(), sweep.oldest(), end));
                }
            });
        }
    }
}
