package io.cdcsystem.testbed.load;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Connections that write overlapping random transactions to the shop until they are closed: orders with items over two
 * tables, updates, deletes, key changes, re-used keys, roll-backs, and transactions that stay open while others commit.
 *
 * <p>The same seed draws the same transactions for each writer; how they interleave is the server's affair.
 */
public final class ShopWorkload implements AutoCloseable {
    private static final long DRAIN_SECONDS = 60;

    private final ExecutorService threads;
    private final List<Future<?>> writers = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final long pauseNanos;
    private volatile boolean stopped;

    private ShopWorkload(int writerCount, long pauseNanos) {
        this.threads = Executors.newFixedThreadPool(writerCount, task -> {
            Thread thread = new Thread(task, "shop-writer");
            thread.setDaemon(true);
            return thread;
        });
        this.pauseNanos = pauseNanos;
    }

    /**
     * Starts the writers.
     *
     * @param connect opens a connection; called once a writer
     * @param writers how many connections
     * @param transactionsPerSecond the rate aimed at over all writers; 0 for as fast as they can
     * @param seed seed of the random choices
     */
    public static ShopWorkload start(Callable<Connection> connect, int writers, int transactionsPerSecond, long seed) {
        long pause = transactionsPerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(writers) / transactionsPerSecond;
        ShopWorkload workload = new ShopWorkload(writers, pause);
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
        } catch (Exception interrupted) {
            throw new IllegalStateException("the writers did not end", interrupted);
        }
    }

    private Void write(Callable<Connection> connect, Random random) throws Exception {
        try (Connection connection = connect.call()) {
            connection.setAutoCommit(false);
            while (!stopped) {
                try {
                    transaction(connection, random);
                    if (random.nextInt(20) == 0) {
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

    private static void transaction(Connection connection, Random random) throws SQLException {
        int choice = random.nextInt(100);
        if (choice < 35) {
            placeOrder(connection, random);
        } else if (choice < 55) {
            update(
                    connection,
                    "UPDATE orders SET status = 'paid', total = total + 1 WHERE id = "
                            + "(SELECT id FROM orders WHERE id >= gen_random_uuid() ORDER BY id LIMIT 1)");
        } else if (choice < 70) {
            update(
                    connection,
                    "UPDATE customers SET balance = balance + 1.25, name = name || '' WHERE id = "
                            + (1 + random.nextInt(5000)));
        } else if (choice < 80) {
            update(
                    connection,
                    "UPDATE order_items SET quantity = quantity + 1 WHERE order_id = "
                            + "(SELECT id FROM orders WHERE id >= gen_random_uuid() ORDER BY id LIMIT 1)");
        } else if (choice < 88) {
            deleteOrder(connection);
        } else if (choice < 93) {
            reuseKey(connection, 1 + random.nextInt(200));
        } else if (choice < 97) {
            moveKey(connection, random);
        } else {
            placeOrder(connection, random);
            update(connection, "SELECT pg_sleep(" + random.nextInt(300) / 1000.0 + ")");
            placeOrder(connection, random);
        }
    }

    private static void placeOrder(Connection connection, Random random) throws SQLException {
        String id;
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO orders (id, customer_id, status, total, placed_on, note) VALUES (gen_random_uuid(), ?,"
                        + " 'placed', ?, current_date, '{\"source\": \"web\"}') RETURNING id")) {
            insert.setLong(1, 1 + random.nextInt(5000));
            insert.setBigDecimal(2, new java.math.BigDecimal(random.nextInt(100_000)).movePointLeft(2));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                id = row.getString(1);
            }
        }
        int lines = 1 + random.nextInt(4);
        update(
                connection,
                "INSERT INTO order_items (order_id, line, sku, quantity, price, packed_at) SELECT '" + id
                        + "', l, 'sku-' || l, 1, 9.5, localtimestamp FROM generate_series(1, " + lines + ") l");
    }

    private static void deleteOrder(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("DELETE FROM orders WHERE id ="
                        + " (SELECT id FROM orders WHERE id >= gen_random_uuid() ORDER BY id LIMIT 1) RETURNING id")) {
            if (row.next()) {
                update(connection, "DELETE FROM order_items WHERE order_id = '" + row.getString(1) + "'");
            }
        }
    }

    /** Deletes a customer and enters it anew under the same key. */
    private static void reuseKey(Connection connection, int id) throws SQLException {
        update(connection, "DELETE FROM customers WHERE id = " + id);
        update(
                connection,
                "INSERT INTO customers (id, name, email) VALUES (" + id + ", 'Again', 'again@shop.example')");
    }

    private static void moveKey(Connection connection, Random random) throws SQLException {
        int from = 200 + random.nextInt(400);
        update(connection, "UPDATE customers SET id = id + 10000000 WHERE id = " + from);
        update(connection, "UPDATE customers SET id = id - 10000000 WHERE id = 10000000 + " + (from + 1));
    }

    private static void update(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
