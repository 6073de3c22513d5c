package io.cdcsystem.source.database;

import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.ResumeToken;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log.
 *
 * <p>{@code poll} and {@code close} belong to the fetcher thread; {@code confirm} and {@code wakeUp} may be called from
 * any. While nobody polls (backpressure), the reader itself keeps the connection alive.
 */
public interface LogReader extends AutoCloseable {

    /** The next changes; null where none came within {@code maxWait} or until {@link #wakeUp()}. */
    @Nullable
    LogBatch poll(Duration maxWait);

    /**
     * Tells the database that everything before {@code durable} need not be kept: only ever called for a completed
     * checkpoint. Never moves backward; takes effect with the next status message.
     */
    void confirm(ResumeToken durable);

    /**
     * From the next {@code poll} on, exactly these tables are captured; one that was captured before keeps the version that
     * is in force. A transaction that is being read is finished as it was begun, and what was read before still comes.
     * Fetcher thread only.
     */
    void capture(List<CapturedTable> tables);

    /** Ends a waiting {@code poll} early. */
    void wakeUp();

    /** Whether reading has passed {@code end}: everything committed before it was handed over. */
    boolean hasReached(ResumeToken end);

    /** Time since the newest known server activity and bytes behind, for metrics. */
    LogProgress progress();

    @Override
    void close();
}
