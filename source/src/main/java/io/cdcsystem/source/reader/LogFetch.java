package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.jspecify.annotations.Nullable;

/** Fetches the log, and does between two batches what the enumerator asks for. Fetcher thread only, except {@link #wakeUp()}. */
final class LogFetch implements AutoCloseable {
    /** How long an idle log is waited for; the fetcher takes in other work in between. */
    private static final Duration POLL_WAIT_MAX = Duration.ofMillis(500);

    private static final long MICROS_PER_MILLI = 1000;

    private final Database database;
    private final OpenLog openLog;
    /** Sweeps that were asked for, and whose turn has not come. */
    private final List<LogRequest.SweepTable> sweeps = new ArrayList<>();

    private @Nullable LogReader reader;
    private boolean ended;
    private boolean finishing;

    LogFetch(Database database, OpenLog openLog) {
        this.database = database;
        this.openLog = openLog;
    }

    /** Fetches a batch of the log; whether there may be more. */
    boolean fetch(LogSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        LogReader open = reader;
        if (open == null) {
            open = database.readLog(split);
            reader = open;
            openLog.set(open);
        }
        boolean ruled = takeRulings(split, fetched);
        takeRequests(open, split, fetched);
        if (ruled) {
            // Whatever waits for it must not wait for the log as well.
            return true;
        }
        if (ended && sweeps.isEmpty()) {
            // The log stays open, and its own thread keeps the connection: the last checkpoint is still to be
            // confirmed.
            // More may be asked for, which then needs more of the log.
            if (!finishing) {
                openLog.await(POLL_WAIT_MAX);
            }
            return !finishing;
        }
        if (openLog.isPaused()) {
            // The reader's own thread keeps the connection.
            openLog.await(POLL_WAIT_MAX);
            return true;
        }
        LogBatch batch = open.poll(POLL_WAIT_MAX);
        openLog.report(open.progress());
        if (batch != null) {
            fetched.add(split, new ReadBatch.Changes(batch));
        }
        sweep(open, split, fetched);
        ResumeToken end = split.end();
        if (!ended && end != null && open.hasReached(end)) {
            ended = true;
            fetched.add(split, new ReadBatch.LogEnded());
        }
        return true;
    }

    private boolean takeRulings(LogSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        boolean any = false;
        for (SchemaReply.Ruled ruling = openLog.nextRuling(); ruling != null; ruling = openLog.nextRuling()) {
            fetched.add(split, new ReadBatch.Ruled(ruling));
            any = true;
        }
        return any;
    }

    private void takeRequests(LogReader open, LogSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        for (LogRequest request = openLog.nextRequest(); request != null; request = openLog.nextRequest()) {
            if (request instanceof LogRequest.CaptureTables capture) {
                open.capture(capture.tables());
                fetched.add(split, new ReadBatch.Captured(capture));
            } else if (request instanceof LogRequest.SweepTable sweep) {
                sweeps.add(sweep);
            } else if (request instanceof LogRequest.Finish) {
                finishing = true;
            }
        }
    }

    private void sweep(LogReader open, LogSplit split, RecordsBySplits.Builder<ReadBatch> fetched) {
        Iterator<LogRequest.SweepTable> waiting = sweeps.iterator();
        while (waiting.hasNext()) {
            LogRequest.SweepTable sweep = waiting.next();
            if (open.hasReached(sweep.behind())) {
                waiting.remove();
                fetched.add(split, new ReadBatch.Swept(sweep, completed(sweep)));
            }
        }
    }

    private static SnapshotCompleted completed(LogRequest.SweepTable sweep) {
        Position position = sweep.oldest().position();
        long now = System.currentTimeMillis() * MICROS_PER_MILLI;
        return new SnapshotCompleted(
                sweep.table(),
                position,
                new TransactionInfo(0, position.commit(), 0, now),
                position.commit(),
                sweep.oldest());
    }

    void wakeUp() {
        openLog.wakeUp();
    }

    @Override
    public void close() {
        LogReader open = reader;
        reader = null;
        if (open != null) {
            openLog.set(null);
            open.close();
        }
    }
}
