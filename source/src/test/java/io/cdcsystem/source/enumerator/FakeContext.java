package io.cdcsystem.source.enumerator;

import io.cdcsystem.source.split.CdcSplit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** Flink's side of an enumerator, in one thread: asynchronous calls run when the test says so. */
final class FakeContext implements SplitEnumeratorContext<CdcSplit> {
    final Map<Integer, List<CdcSplit>> assigned = new HashMap<>();
    final Map<Integer, List<SourceEvent>> sent = new HashMap<>();
    final List<Integer> dismissed = new ArrayList<>();
    private final Map<Integer, ReaderInfo> readers = new HashMap<>();
    private final Deque<Runnable> calls = new ArrayDeque<>();
    private final List<Runnable> periodic = new ArrayList<>();
    private final int parallelism;
    private final Thread coordinator = Thread.currentThread();
    /** What other threads have to say. */
    private final Queue<Runnable> fromOthers = new ConcurrentLinkedQueue<>();

    FakeContext(int parallelism) {
        this.parallelism = parallelism;
    }

    void register(int subtask, List<CdcSplit> reported) {
        readers.put(subtask, ReaderInfo.createReaderInfo(subtask, "host", reported));
    }

    /** Time goes on: what is periodic happens once, and what follows from it. */
    void tick() {
        periodic.forEach(Runnable::run);
        runCalls();
    }

    void runCalls() {
        for (Runnable work = fromOthers.poll(); work != null; work = fromOthers.poll()) {
            work.run();
        }
        while (!calls.isEmpty()) {
            calls.remove().run();
        }
    }

    List<CdcSplit> taken(int subtask) {
        List<CdcSplit> splits = assigned.remove(subtask);
        return splits == null ? List.of() : splits;
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
        return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
    }

    @Override
    public void sendEventToSourceReader(int subtask, SourceEvent event) {
        if (!readers.containsKey(subtask)) {
            throw new IllegalArgumentException("no reader " + subtask + " is registered");
        }
        sent.computeIfAbsent(subtask, key -> new ArrayList<>()).add(event);
    }

    @Override
    public int currentParallelism() {
        return parallelism;
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
        return readers;
    }

    @Override
    public void assignSplits(SplitsAssignment<CdcSplit> assignment) {
        assignment.assignment().forEach((subtask, splits) -> assigned.computeIfAbsent(subtask, key -> new ArrayList<>())
                .addAll(splits));
    }

    @Override
    public void signalNoMoreSplits(int subtask) {
        dismissed.add(subtask);
    }

    @Override
    public <T> void callAsync(Callable<T> work, BiConsumer<T, Throwable> handler) {
        calls.add(() -> {
            T answer;
            try {
                answer = work.call();
            } catch (Exception e) {
                handler.accept(null, e);
                return;
            }
            handler.accept(answer, null);
        });
    }

    @Override
    public <T> void callAsync(Callable<T> work, BiConsumer<T, Throwable> handler, long delay, long period) {
        periodic.add(() -> callAsync(work, handler));
    }

    @Override
    public void runInCoordinatorThread(Runnable work) {
        if (Thread.currentThread().equals(coordinator)) {
            work.run();
        } else {
            fromOthers.add(work);
        }
    }
}
