package io.cdcsystem.source.reader;

import io.cdcsystem.source.database.LogProgress;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.ResumeToken;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The log reader that the fetcher thread has open, as the task's thread and the metrics' threads may see it. Thread-safe.
 */
final class OpenLog {
    private static final LogProgress NONE = new LogProgress(0, 0);

    private volatile @Nullable LogReader reader;
    private volatile LogProgress progress = NONE;
    private final Queue<LogRequest> requests = new ConcurrentLinkedQueue<>();
    private final Queue<SchemaReply.Ruled> rulings = new ConcurrentLinkedQueue<>();
    private volatile boolean paused;
    /** Ends the wait for anything else than the log. */
    private final Semaphore wakeUps = new Semaphore(0);

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

    /** Task thread: a ruling has come; it takes its turn among the batches, which alone wake the task. */
    void ruled(SchemaReply.Ruled ruling) {
        rulings.add(ruling);
        wakeUp();
    }

    /** Fetcher thread: the oldest ruling that was not taken yet; null where there is none. */
    SchemaReply.@Nullable Ruled nextRuling() {
        return rulings.poll();
    }

    /** Task thread: whether the log is not to be read further for now. */
    void pause(boolean pause) {
        if (paused != pause) {
            paused = pause;
            wakeUp();
        }
    }

    /** Whether the log is not to be read further for now. */
    boolean isPaused() {
        return paused;
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

    /** Fetcher thread: waits for anything of the above, at most that long. */
    void await(Duration atMost) {
        try {
            if (wakeUps.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                wakeUps.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends a waiting poll early, and any other waiting. */
    void wakeUp() {
        wakeUps.release();
        LogReader open = reader;
        if (open != null) {
            open.wakeUp();
        }
    }
}
