package io.cdcsystem.source.reader;

import io.cdcsystem.source.database.LogProgress;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.split.ResumeToken;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The log reader that the fetcher thread has open, as the task's thread and the metrics' threads may see it. Thread-safe.
 */
final class OpenLog {
    private static final LogProgress NONE = new LogProgress(0, 0);

    private volatile @Nullable LogReader reader;
    private volatile LogProgress progress = NONE;
    private final Queue<LogRequest> requests = new ConcurrentLinkedQueue<>();

    /** Fetcher thread: from now on {@code opened} is read, or none. */
    void set(@Nullable LogReader opened) {
        reader = opened;
        if (opened == null) {
            progress = NONE;
        }
    }

    /** Fetcher thread: where reading stands. */
    void report(LogProgress reached) {
        progress = reached;
    }

    /** Task thread: the enumerator asks; taken up between two batches. */
    void request(LogRequest request) {
        requests.add(request);
        wakeUp();
    }

    /** Fetcher thread: the oldest request that was not taken yet; null where there is none. */
    @Nullable
    LogRequest nextRequest() {
        return requests.poll();
    }

    /** Where reading stood last. */
    LogProgress progress() {
        return progress;
    }

    /** Whether a log is read. */
    boolean isOpen() {
        return reader != null;
    }

    /** Confirms; without an open reader the next checkpoint will. */
    void confirm(ResumeToken durable) {
        LogReader open = reader;
        if (open != null) {
            open.confirm(durable);
        }
    }

    /** Ends a waiting poll early. */
    void wakeUp() {
        LogReader open = reader;
        if (open != null) {
            open.wakeUp();
        }
    }
}
