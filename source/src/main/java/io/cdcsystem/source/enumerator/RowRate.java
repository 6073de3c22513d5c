package io.cdcsystem.source.enumerator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Rows per second over a sliding window. Pure.
 *
 * <p>Rows come in jumps, a chunk at a time: between two samples the count counts as unchanged.
 */
final class RowRate {
    /** Also what bounds the samples kept. */
    private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    /** A rate over less would be chance. */
    private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long window;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long rows;

    RowRate(long window, long rows, long now) {
        this.window = window;
        this.rows = rows;
        samples.add(new Sample(now, rows));
    }

    private record Sample(long nanos, long rows) {}

    void sample(long rowsNow, long now) {
        rows = rowsNow;
        if (now - samples.getLast().nanos >= SAMPLE_NANOS && rowsNow != samples.getLast().rows) {
            samples.add(new Sample(now, rowsNow));
        }
        forget(now);
    }

    double perSecond(long now) {
        forget(now);
        Sample base = samples.getFirst();
        long elapsed = Math.min(window, now - base.nanos);
        if (elapsed < SHORTEST_NANOS) {
            return 0;
        }
        return (rows - base.rows) * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
    }

    /** Leaves the newest sample that is as old as the window, which says where the window began, and all later ones. */
    private void forget(long now) {
        while (samples.size() > 1) {
            Sample oldest = samples.removeFirst();
            if (now - samples.getFirst().nanos < window) {
                samples.addFirst(oldest);
                return;
            }
        }
    }
}
