package io.cdcsystem.testbed.load;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/**
 * The shop's three tables in schema {@code public}, watched by {@link Audit}.
 */
public final class ShopDatabase {
    /** The captured tables. */
    public static final List<String> TABLES = List.of("customers", "orders", "order_items");

    /** Each table's key columns in order. */
    public static final Map<String, List<String>> KEYS =
            Map.of("customers", List.of("id"), "orders", List.of("id"), "order_items", List.of("order_id", "line"));

    private static final String SCHEMA = """
            CREATE TYPE order_status AS ENUM ('placed', 'paid', 'shipped', 'cancelled');
            CREATE TABLE customers (
                id bigint PRIMARY KEY,
                name varchar(80) NOT NULL,
                email text,
                balance numeric(12,2) NOT NULL DEFAULT 0,
                active boolean NOT NULL DEFAULT true,
                created_at timestamptz NOT NULL DEFAULT now(),
                v bigint NOT NULL DEFAULT nextval('audit.version'));
            CREATE TABLE orders (
                id uuid PRIMARY KEY,
                customer_id bigint NOT NULL,
                status order_status NOT NULL,
                total numeric(12,2) NOT NULL,
                placed_on date NOT NULL,
                note jsonb,
                v bigint NOT NULL DEFAULT nextval('audit.version'));
            CREATE TABLE order_items (
                order_id uuid NOT NULL,
                line int NOT NULL,
                sku text NOT NULL,
                quantity smallint NOT NULL,
                price numeric NOT NULL,
                packed_at timestamp,
                v bigint NOT NULL DEFAULT nextval('audit.version'),
                PRIMARY KEY (order_id, line));
            ALTER TABLE orders REPLICA IDENTITY FULL;
            """;

    private ShopDatabase() {}

    /**
     * Creates the tables, fills them with about {@code rows} rows in all, and starts the audit.
     *
     * @return how many rows were loaded
     */
    public static long create(Connection connection, int rows) throws SQLException {
        int customers = Math.max(1, rows / 5);
        int orders = Math.max(1, rows / 5);
        Audit.install(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SCHEMA);
            statement.execute("INSERT INTO customers (id, name, email, balance) SELECT i, 'Customer ' || i,"
                    + " CASE WHEN i % 7 = 0 THEN NULL ELSE 'c' || i || '@shop.example' END, i % 1000 / 10.0"
                    + " FROM generate_series(1, " + customers + ") i");
            statement.execute("INSERT INTO orders (id, customer_id, status, total, placed_on, note)"
                    + " SELECT md5('order' || i)::uuid, 1 + i % " + customers + ", 'placed', i % 9000 / 100.0,"
                    + " date '2026-01-01' + i % 300, CASE WHEN i % 3 = 0 THEN jsonb_build_object('gift', true, 'n', i) END"
                    + " FROM generate_series(1, " + orders + ") i");
            statement.execute("INSERT INTO order_items (order_id, line, sku, quantity, price, packed_at)"
                    + " SELECT md5('order' || i)::uuid, l, 'sku-' || (i * 31 + l) % 997, 1 + i % 5, i % 500 / 4.0,"
                    + " CASE WHEN l = 1 THEN timestamp '2026-02-01 08:00' + i * interval '1 second' END"
                    + " FROM generate_series(1, " + orders + ") i, generate_series(1, 3) l");
            Audit.watch(connection, "customers", "id");
            Audit.watch(connection, "orders", "id");
            Audit.watch(connection, "order_items", "order_id", "line");
            statement.execute("ANALYZE");
        }
        return customers + 4L * orders;
    }
}
