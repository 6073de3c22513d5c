package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.ReaderReport.SignalArrived;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** An enumerator over a scripted database, whose asynchronous calls run when a test says so. */
class CdcEnumeratorFixture {
    static final String NAME = "enumerator-test";
    static final int ROWS = 20;

    final ScriptedDatabase.Script script = ScriptedDatabase.script(NAME, ROWS, 5);
    final AtomicLong now = new AtomicLong();
    FakeContext context = new FakeContext(2);

    CdcEnumerator enumerator(LogEnd end, EnumeratorState state) {
        SourceConfig config = new SourceConfig(
                new ScriptedDatabase.Config(NAME),
                SnapshotConfig.ofChunkSize(10),
                end,
                ConfirmAt.COMPLETION,
                1 << 20,
                null,
                null);
        return enumerator(config, state);
    }

    CdcEnumerator enumerator(SourceConfig config, EnumeratorState state) {
        return new CdcEnumerator(context, config, config.database().open(), state, new SnapshotMetrics(), now::get);
    }

    static SourceConfig config(SnapshotMode mode) {
        return new SourceConfig(
                new ScriptedDatabase.Config(NAME),
                new SnapshotConfig(
                        mode, null, 10, 1, Duration.ofMinutes(15), Duration.ZERO, SnapshotConfig.TableOrder.CONFIGURED),
                LogEnd.NEVER,
                ConfirmAt.COMPLETION,
                1 << 20,
                null,
                null);
    }

    CdcEnumerator started(LogEnd end) {
        CdcEnumerator enumerator = enumerator(end, EnumeratorState.EMPTY);
        enumerator.start();
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of());
        context.runCalls();
        return enumerator;
    }

    void register(CdcEnumerator enumerator, int subtask, List<CdcSplit> reported) {
        context.register(subtask, reported);
        enumerator.addReader(subtask);
        enumerator.handleSplitRequest(subtask, "host");
    }

    void finish(CdcEnumerator enumerator, int subtask, CdcSplit split) {
        SnapshotSplit chunk = (SnapshotSplit) split;
        enumerator.handleSourceEvent(
                subtask,
                new ReaderReport.ChunkFinished(
                        new FinishedChunk(chunk.table().id(), chunk.generation().run(), chunk.chunk(), 10), 100, 1));
        enumerator.handleSplitRequest(subtask, "host");
        context.runCalls();
    }

    List<CdcSplit> readAll(CdcEnumerator enumerator) {
        List<CdcSplit> read = new ArrayList<>();
        for (boolean more = true; more; ) {
            more = false;
            for (int subtask = 0; subtask < 2; subtask++) {
                for (CdcSplit split : context.taken(subtask)) {
                    finish(enumerator, subtask, split);
                    read.add(split);
                    more = true;
                }
            }
        }
        return read;
    }

    /** A state in whose run a reader held the log, and that reader's split. */
    record Stopped(EnumeratorState state, LogSplit log) {}

    Stopped stoppedWhileStreaming(LogEnd end) {
        CdcEnumerator before = started(end);
        readAll(before);
        before.snapshotState(1);
        before.notifyCheckpointComplete(1);
        LogSplit log = (LogSplit) context.taken(0).get(0);
        EnumeratorState state = before.snapshotState(2);
        context = new FakeContext(2);
        return new Stopped(state, log);
    }

    LogSplit assignedLogOf(LogEnd end, Stopped stopped) {
        CdcEnumerator enumerator = enumerator(end, stopped.state());
        enumerator.start();
        register(enumerator, 0, List.of(stopped.log()));
        register(enumerator, 1, List.of());
        context.runCalls();
        return (LogSplit) context.taken(0).get(0);
    }

    static SignalArrived signal(int transaction, String type, String data) {
        return new SignalArrived(
                new LogSignal(new Position(1, 0x1000 + transaction, 0), new Signal("test", type, data)));
    }

    CdcEnumerator streaming() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        readAll(enumerator);
        enumerator.snapshotState(1);
        enumerator.notifyCheckpointComplete(1);
        context.runCalls();
        assertThat(context.taken(0)).singleElement().isInstanceOf(LogSplit.class);
        script.calls.clear();
        return enumerator;
    }
}
