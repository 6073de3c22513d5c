package io.cdcsystem.testbed.load;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Connections that write random transactions to a few small tables {@code (id int PRIMARY KEY, a text, …)} until they are
 * closed. Few keys, so that writers meet: keys are re-used, moved and deleted while another transaction waits for them.
 *
 * <p>The same seed draws the same statements for each writer; how they interleave is the server's affair.
 */
public final class KeyedWorkload implements AutoCloseable {
    private static final long DRAIN_SECONDS = 60;

    private final ExecutorService threads;
    private final List<Future<?>> writers = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final List<String> tables;
    private final int keys;
    private final long pauseNanos;
    private volatile boolean stopped;

    private KeyedWorkload(List<String> tables, int keys, int writerCount, long pauseNanos) {
        this.tables = List.copyOf(tables);
        this.keys = keys;
        this.pauseNanos = pauseNanos;
        this.threads = Executors.newFixedThreadPool(writerCount, task -> {
            Thread thread = new Thread(task, "keyed-writer");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts the writers.
     *
     * @param connect opens a connection; called once a writer
     * @param tables the tables
     * @param keys keys are drawn from 1 to this
     * @param writers how many connections
     * @param pauseMillis between two transactions of a writer
     * @param seed seed of the random choices
     */
    public static KeyedWorkload start(
            Callable<Connection> connect, List<String> tables, int keys, int writers, long pauseMillis, long seed) {
        KeyedWorkload workload = new KeyedWorkload(tables, keys, writers, TimeUnit.MILLISECONDS.toNanos(pauseMillis));
        for (int i = 0; i < writers; i++) {
            Random random = new Random(seed * 1000 + i);
            workload.writers.add(workload.threads.submit(() -> workload.write(connect, random)));
        }
        return workload;
    }

    /** Transactions committed so far. */
    public long committed() {
        return committed.get();
    }

    /** Ends the writers, each behind its current transaction, and reports the error of one that failed. */
    @Override
    public void close() {
        stopped = true;
        threads.shutdown();
        try {
            for (Future<?> writer : writers) {
                writer.get(DRAIN_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException("a writer failed", failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the writers ended", interrupted);
        } catch (TimeoutException late) {
            throw new IllegalStateException("the writers did not end", late);
        }
    }

    private Void write(Callable<Connection> connect, Random random) throws Exception {
        try (Connection connection = connect.call();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stopped) {
                try {
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        statement.execute(next(random));
                    }
                    if (random.nextInt(12) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                        committed.incrementAndGet();
                    }
                } catch (SQLException conflict) {
                    connection.rollback();
                    if (!isConflict(conflict)) {
                        throw conflict;
                    }
                }
                LockSupport.parkNanos(pauseNanos);
            }
        }
        return null;
    }

    /** Deadlocks and keys that two writers chose at once are part of the load. */
    private static boolean isConflict(SQLException error) {
        String state = error.getSQLState();
        return "40P01".equals(state) || "40001".equals(state) || "23505".equals(state);
    }

    private String next(Random random) {
        String table = tables.get(random.nextInt(tables.size()));
        int key = key(random);
        int choice = random.nextInt(100);
        if (choice < 30) {
            return "INSERT INTO " + table + " (id, a) VALUES (" + key + ", 'new " + choice
                    + "') ON CONFLICT DO NOTHING";
        }
        if (choice < 55) {
            return "UPDATE " + table + " SET a = 'changed " + choice + "' WHERE id = " + key;
        }
        if (choice < 70) {
            return "DELETE FROM " + table + " WHERE id = " + key;
        }
        if (choice < 80) {
            return "DELETE FROM " + table + " WHERE id = " + key + "; INSERT INTO " + table + " (id, a) VALUES (" + key
                    + ", 'again')";
        }
        if (choice < 90) {
            int to = key(random);
            return "UPDATE " + table + " SET id = " + to + " WHERE id = " + key + " AND NOT EXISTS (SELECT FROM "
                    + table + " WHERE id = " + to + ")";
        }
        if (choice < 95) {
            return "UPDATE " + table + " SET a = 'many' WHERE id BETWEEN " + key + " AND " + (key + 4);
        }
        return "SELECT pg_sleep(" + random.nextInt(40) / 1000.0 + ")";
    }

    private int key(Random random) {
        return 1 + random.nextInt(keys);
    }
}
