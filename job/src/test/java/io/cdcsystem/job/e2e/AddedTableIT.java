package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.SharedServers;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that come to a capture, leave it and come back, by the pipeline file or by a signal. */
@Tag("S9")
class AddedTableIT {
    private static final int WRITERS = 4;
    private static final int TRANSACTIONS_PER_SECOND = 120;

    @TempDir
    Path folder;

    @Test
    void a_table_added_to_the_file_is_read_while_all_are_written_to_and_the_others_are_not_read_again()
            throws Exception {
        try (LocalPipeline pipeline = pipeline("customers", "orders")) {
            try (Connection connection = pipeline.connect()) {
                ShopDatabase.create(connection, 2_000);
            }
            pipeline.start();
            try (ShopWorkload load = ShopWorkload.start(pipeline::connect, WRITERS, TRANSACTIONS_PER_SECOND, 21)) {
                pipeline.awaitChanges("orders", 20);
                pipeline.stop();
                long rows = pipeline.history().snapshotRows();
                long committed = load.committed();
                pipeline.await("changes while it is down", () -> load.committed() > committed + 20);

                pipeline.capture("customers", "orders", "order_items").start();
                pipeline.awaitDone("order_items", 0);
                pipeline.awaitChanges("orders", 20);
                pipeline.awaitChanges("order_items", 20);
                assertThat(reads(pipeline, "orders") + reads(pipeline, "customers"))
                        .isEqualTo(rows);
            }
            pipeline.verify(ShopDatabase.TABLES, ShopDatabase.KEYS);
            assertThat(reads(pipeline, "order_items")).isGreaterThan(500);
        }
    }

    @Test
    void a_table_that_left_the_file_and_came_back_is_mended() throws Exception {
        try (LocalPipeline pipeline = pipeline("t", "other")) {
            create(pipeline, "t", 30);
            create(pipeline, "other", 5);
            pipeline.start();
            pipeline.awaitRecords("t", 30);
            pipeline.awaitStreaming();
            pipeline.sql("UPDATE t SET v = 'log' WHERE id IN (1, 2)");
            pipeline.awaitRecords("t", 32);
            pipeline.stop();

            pipeline.capture("other").start();
            pipeline.awaitStreaming();
            pipeline.sql(
                    "DELETE FROM t WHERE id IN (1, 10)",
                    "UPDATE t SET v = 'unseen' WHERE id IN (2, 20)",
                    "INSERT INTO t VALUES (50, 'unseen')",
                    "UPDATE other SET v = 'seen' WHERE id = 1");
            pipeline.await(
                    "the other table's change", () -> pipeline.texts("other").contains("u 1"));
            assertThat(pipeline.texts("t")).hasSize(32);
            pipeline.stop();

            pipeline.capture("t", "other").start();
            pipeline.awaitDone("t", 1);
            pipeline.awaitFolded("t");
            pipeline.awaitRecords("t", 32 + 29 + 4);
            assertThat(pipeline.texts("t", 32))
                    .hasSize(29 + 4)
                    .contains("d 1", "tombstone 1", "d 10", "tombstone 10", "i 2", "i 20", "i 50")
                    .doesNotHaveDuplicates();
            pipeline.sql("INSERT INTO t VALUES (10, 'again')", "DELETE FROM t WHERE id = 50");
            pipeline.awaitFolded("t");
            assertThat(pipeline.texts("other")).hasSize(6);
            pipeline.requireOrder();
        }
    }

    @Test
    void a_table_added_by_signal_has_every_change_of_transactions_that_were_open_then() throws Exception {
        try (LocalPipeline pipeline = pipeline("customers", "orders").follow("order_items")) {
            try (Connection connection = pipeline.connect()) {
                ShopDatabase.create(connection, 1_000);
            }
            pipeline.start();
            String key = "7e57ab1e-0000-4000-8000-000000000001";
            try (ShopWorkload load = ShopWorkload.start(pipeline::connect, WRITERS, TRANSACTIONS_PER_SECOND, 31);
                    Connection open = pipeline.connect();
                    Statement statement = open.createStatement()) {
                pipeline.awaitChanges("orders", 20);
                open.setAutoCommit(false);
                statement.execute("INSERT INTO order_items VALUES ('" + key + "', 1, 'before', 1, 1, null)");

                pipeline.cdc("resnapshot", "--add", "public.order_items");
                pipeline.await("the table to be captured", () -> pipeline.gauge("order_items", "snapshotStage") >= 0);
                pipeline.awaitChanges("orders", 20);
                assertThat(pipeline.gauge("order_items", "snapshotStage"))
                        .as("joining")
                        .isEqualTo(1);
                statement.execute("INSERT INTO order_items VALUES ('" + key + "', 2, 'after', 1, 1, null)");
                open.commit();
                pipeline.awaitDone("order_items", 0);
                pipeline.awaitChanges("order_items", 20);
                statement.execute("UPDATE order_items SET sku = 'later' WHERE order_id = '" + key + "'");
                open.commit();
            }
            pipeline.verify(ShopDatabase.TABLES, ShopDatabase.KEYS);
            assertThat(pipeline.folded("order_items", "sku")).containsEntry(key + "/1", "later");

            pipeline.cdc("resnapshot", "--remove", "public.order_items");
            pipeline.await("the table to leave", () -> pipeline.gauge("enumerator.snapshotTables") == 2);
            pipeline.sql(
                    "DELETE FROM order_items WHERE order_id = '" + key + "'",
                    "UPDATE customers SET name = 'end' WHERE id = 1");
            int before = pipeline.events("order_items").size();
            pipeline.await(
                    "the end",
                    () -> pipeline.folded("customers", "name").get("1").equals("end"));
            assertThat(pipeline.events("order_items")).hasSize(before);
            pipeline.requireOrder();
        }
    }

    @Test
    void what_signals_added_and_removed_stays_so_after_a_restart() throws Exception {
        try (LocalPipeline pipeline = pipeline("t", "gone").follow("added")) {
            create(pipeline, "t", 5);
            create(pipeline, "gone", 5);
            create(pipeline, "added", 5);
            pipeline.start();
            pipeline.awaitRecords("gone", 5);
            pipeline.awaitStreaming();
            pipeline.cdc("resnapshot", "--add", "public.added");
            pipeline.cdc("resnapshot", "--remove", "public.gone");
            pipeline.awaitDone("added", 0);
            pipeline.await("the table to leave", () -> pipeline.gauge("enumerator.snapshotTables") == 2);
            pipeline.stop();

            pipeline.sql(
                    "INSERT INTO added VALUES (6, 'new')",
                    "INSERT INTO gone VALUES (6, 'new')",
                    "INSERT INTO t VALUES (6, 'new')");
            pipeline.start();
            pipeline.awaitRecords("t", 6);
            pipeline.awaitRecords("added", 6);
            assertThat(pipeline.texts("added")).contains("i 1", "c 6").hasSize(6);
            assertThat(pipeline.texts("gone")).hasSize(5);
            pipeline.requireOrder();
        }
    }

    private LocalPipeline pipeline(String... tables) {
        return new LocalPipeline(folder, SharedServers.postgres(), tables);
    }

    private static void create(LocalPipeline pipeline, String table, int rows) throws Exception {
        pipeline.sql(
                "CREATE TABLE " + table + " (id int PRIMARY KEY, v text)",
                "INSERT INTO " + table + " SELECT i, i FROM generate_series(1, " + rows + ") i");
    }

    private static long reads(LocalPipeline pipeline, String table) {
        return pipeline.texts(table).stream()
                .filter(text -> text.matches("[ri] .*"))
                .count();
    }
}
