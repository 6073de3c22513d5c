package io.cdcsystem.source.postgres.stream;

import java.time.Duration;

/**
 * Reports to the server from a thread of its own, so that it neither ends the stream while nobody reads (backpressure) nor
 * keeps log longer than a completed checkpoint needs.
 */
final class StatusTicker implements AutoCloseable {
    private final Runnable report;
    private final long intervalMillis;
    private final Thread thread;
    private final Object monitor = new Object();
    private boolean due;
    private boolean closed;

    /** Calls {@code report} at least every {@code interval} and after every {@link #now()}; it must not throw. */
    StatusTicker(String name, Duration interval, Runnable report) {
        this.report = report;
        this.intervalMillis = interval.toMillis();
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Reports soon. */
    void now() {
        synchronized (monitor) {
            due = true;
            monitor.notifyAll();
        }
    }

    private void run() {
        while (awaitTurn()) {
            report.run();
        }
    }

    private boolean awaitTurn() {
        synchronized (monitor) {
            long deadline = System.nanoTime() + intervalMillis * 1_000_000L;
            while (!closed && !due) {
                long left = (deadline - System.nanoTime()) / 1_000_000L;
                if (left <= 0) {
                    break;
                }
                try {
                    monitor.wait(left);
                } catch (InterruptedException e) {
                    return false;
                }
            }
            due = false;
            return !closed;
        }
    }

    /** Ends the thread; a report that runs is not waited for. */
    @Override
    public void close() {
        synchronized (monitor) {
            closed = true;
            monitor.notifyAll();
        }
    }
}
