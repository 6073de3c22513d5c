package io.cdcsystem.job.rest;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.enumerator.SnapshotMetrics;
import io.cdcsystem.source.enumerator.SnapshotProgress;
import io.cdcsystem.source.enumerator.Stage;
import io.cdcsystem.source.enumerator.TableStatus;
import io.cdcsystem.source.reader.CdcSourceReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Emits a few numbers and then waits, under the metrics of the real source. Its first enumerator fails the job once all
 * readers are there; later ones report a later generation and another table.
 */
final class ScriptedSource implements Source<Long, ScriptedSource.NoSplit, Long> {
    static final long EVENTS_PER_READER = 5;
    static final String FAILURE = "STREAM_FAILED: the script says so; nothing to do";

    private static final long serialVersionUID = 1L;

    private transient SnapshotMetrics metrics;
    private transient int enumerators;

    /** There are none. */
    record NoSplit(String splitId) implements SourceSplit {}

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<NoSplit, Long> createEnumerator(SplitEnumeratorContext<NoSplit> context) {
        if (metrics == null) {
            metrics = new SnapshotMetrics();
        }
        enumerators++;
        return new Enumerator(context, metrics, enumerators);
    }

    @Override
    public SplitEnumerator<NoSplit, Long> restoreEnumerator(SplitEnumeratorContext<NoSplit> context, Long state) {
        return createEnumerator(context);
    }

    private static final class Enumerator implements SplitEnumerator<NoSplit, Long> {
        private final SplitEnumeratorContext<NoSplit> context;
        private final SnapshotMetrics metrics;
        private final int number;

        Enumerator(SplitEnumeratorContext<NoSplit> context, SnapshotMetrics metrics, int number) {
            this.context = context;
            this.metrics = metrics;
            this.number = number;
        }

        @Override
        public void start() {
            metrics.register(context.metricGroup());
            SnapshotProgress progress = new SnapshotProgress(System::nanoTime);
            TableStatus orders = new TableStatus(
                    new TableId("shop", "public", "orders"), Stage.READING, number, 40, 100, 8, 3, false);
            TableStatus added = new TableStatus(
                    new TableId("shop", "odd. name", "t,1:\"2\""), Stage.JOINING, 0, 0, -1, 0, 0, false);
            progress.update(number, number == 1 ? List.of(orders) : List.of(orders, added));
            metrics.publish(
                    new SnapshotMetrics.View(number, number > 1, 5, progress.tables(), Map.of(orders.table(), 2)));
        }

        @Override
        public void addReader(int subtask) {
            if (number == 1 && context.registeredReaders().size() == context.currentParallelism()) {
                throw new IllegalStateException(FAILURE);
            }
        }

        @Override
        public void handleSplitRequest(int subtask, String host) {
            throw new IllegalStateException("nobody asks for splits");
        }

        @Override
        public void addSplitsBack(List<NoSplit> splits, int subtask) {
            // There are none.
        }

        @Override
        public Long snapshotState(long checkpoint) {
            return checkpoint;
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    @Override
    public SourceReader<Long, NoSplit> createReader(SourceReaderContext context) {
        return new Reader(context);
    }

    private static final class Reader implements SourceReader<Long, NoSplit> {
        private long emitted;

        Reader(SourceReaderContext context) {
            long subtask = context.getIndexOfSubtask();
            context.metricGroup().gauge("bytesBehind", () -> 1_000 * subtask);
            context.metricGroup().gauge("lastCommitLagMillis", () -> 70 * subtask);
            context.metricGroup().gauge(CdcSourceReader.LOG_END_REACHED, () -> 0);
        }

        @Override
        public void start() {
            // Nothing to open.
        }

        @Override
        public InputStatus pollNext(ReaderOutput<Long> output) {
            if (emitted < EVENTS_PER_READER) {
                output.collect(emitted++);
                return InputStatus.MORE_AVAILABLE;
            }
            return InputStatus.NOTHING_AVAILABLE;
        }

        @Override
        public List<NoSplit> snapshotState(long checkpoint) {
            return List.of();
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return emitted < EVENTS_PER_READER ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
        }

        @Override
        public void addSplits(List<NoSplit> splits) {
            throw new IllegalStateException("there are no splits");
        }

        @Override
        public void notifyNoMoreSplits() {
            // There never were any.
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    @Override
    public SimpleVersionedSerializer<NoSplit> getSplitSerializer() {
        return new NoState<>();
    }

    @Override
    public SimpleVersionedSerializer<Long> getEnumeratorCheckpointSerializer() {
        return new NoState<>();
    }

    /** There is no state to speak of. */
    private static final class NoState<T> implements SimpleVersionedSerializer<T> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(T state) {
            return new byte[0];
        }

        @Override
        public T deserialize(int version, byte[] bytes) {
            return null;
        }
    }
}
