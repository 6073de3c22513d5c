package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.testbed.SchemaRegistryServer;
import io.cdcsystem.testbed.SharedServers;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import io.cdcsystem.testbed.verify.TopicEvent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of tables' definitions under a running pipeline: registered, noticed, held for a decision, and gone on with. */
class SchemaChangesIT {
    private static final int WRITERS = 3;
    private static final int TRANSACTIONS_PER_SECOND = 90;
    private static SchemaRegistryServer registry;

    @TempDir
    Path folder;

    @BeforeAll
    static void startRegistry() {
        registry = SchemaRegistryServer.start();
    }

    @AfterAll
    static void stopRegistry() {
        registry.close();
    }

    @ParameterizedTest(name = "with_event_trigger_{0}")
    @ValueSource(booleans = {true, false})
    @Tag("E2")
    @Tag("E3")
    @Tag("E5")
    @Tag("E7")
    @Tag("E10")
    @Tag("L3")
    void rows_before_a_ddl_have_the_old_id_rows_behind_it_the_new_one_and_its_notice_came_before(boolean trigger)
            throws Exception {
        try (LocalPipeline pipeline = small("t", 3).avro(registry)) {
            if (trigger) {
                pipeline.cdc("check", "--install");
            }
            pipeline.start();
            pipeline.awaitRecords("t", 3);
            pipeline.awaitStreaming();
            transaction(
                    pipeline,
                    "INSERT INTO t VALUES (10, 'before')",
                    "ALTER TABLE t ADD COLUMN n int DEFAULT 7",
                    "INSERT INTO t VALUES (11, 'behind')");
            pipeline.awaitRecords("t", 5);

            List<JsonNode> notices = pipeline.notices("t");
            List<TopicEvent> events = pipeline.events("t");
            JsonNode before = value(events, "10");
            JsonNode behind = value(events, "11");
            assertThat(before.path("after").has("n")).isFalse();
            assertThat(behind.path("after").path("n").asText()).contains("7");
            int old = before.path(LocalPipeline.SCHEMA_ID).asInt();
            int fresh = behind.path(LocalPipeline.SCHEMA_ID).asInt();
            assertThat(fresh).isNotEqualTo(old);
            assertThat(notices).hasSize(2);
            JsonNode notice = notices.get(1);
            assertThat(notice.path("origin").asText()).isEqualTo(trigger ? "ddl" : "inferred");
            assertThat(notice.toString()).contains(String.valueOf(old), String.valueOf(fresh));
            if (trigger) {
                assertThat(notice.toString()).contains("ALTER TABLE t ADD COLUMN n int DEFAULT 7");
            }
            pipeline.requireOrder();
        }
    }

    @Test
    @Tag("E4")
    @Tag("E9")
    void a_breaking_change_holds_its_table_until_it_is_approved_and_nothing_is_lost() throws Exception {
        try (LocalPipeline pipeline = pipeline("customers", "orders")) {
            try (Connection connection = pipeline.connect()) {
                ShopDatabase.create(connection, 200);
            }
            pipeline.sql("ALTER TABLE orders ADD COLUMN remark text");
            pipeline.cdc("check", "--install");
            pipeline.start();
            try (ShopWorkload load = ShopWorkload.start(pipeline::connect, WRITERS, TRANSACTIONS_PER_SECOND, 12)) {
                pipeline.awaitChanges("orders", 20);
                long change = placeOf(pipeline, "ALTER TABLE orders DROP COLUMN remark");
                pipeline.await("a pending change", () -> pipeline.gauge("enumerator.schemaVersionsPending") == 1);
                pipeline.awaitChanges("customers", 30);
                requireHeldAt(change, pipeline.events("orders"));
                assertThat(pipeline.cdc("schema list")).contains("public.orders", "remark");

                pipeline.stop();
                pipeline.start();
                pipeline.await("a pending change", () -> pipeline.gauge("enumerator.schemaVersionsPending") == 1);
                pipeline.awaitChanges("customers", 30);
                requireHeldAt(change, pipeline.events("orders"));

                pipeline.cdc("schema approve", "public.orders", "--reason", "nobody reads it");
                pipeline.awaitChanges("orders", 40);
                pipeline.await("no pending change", () -> pipeline.gauge("enumerator.schemaVersionsPending") == 0);
            }
            pipeline.verify(List.of("customers", "orders"), ShopDatabase.KEYS);
            assertThat(pipeline.notices("orders").toString()).contains("pending", "approved", "nobody reads it");
        }
    }

    @Test
    @Tag("E9")
    @Tag("L5")
    void what_a_table_waits_with_survives_a_kill_of_the_process() throws Exception {
        try (LocalPipeline pipeline = pipeline("customers", "orders")) {
            try (Connection connection = pipeline.connect()) {
                ShopDatabase.create(connection, 200);
            }
            pipeline.sql("ALTER TABLE orders ADD COLUMN remark text");
            pipeline.cdc("check", "--install");
            Path state = folder.resolve("state");
            long change;
            try (ShopWorkload load = ShopWorkload.start(pipeline::connect, WRITERS, TRANSACTIONS_PER_SECOND, 13)) {
                try (CdcProcess first = CdcProcess.run(folder, pipeline.file(), state, 2)) {
                    pipeline.awaitChanges("orders", 20);
                    change = placeOf(pipeline, "ALTER TABLE orders DROP COLUMN remark");
                    pipeline.await(
                            "a pending change\n" + first.log(),
                            () -> pipeline.notices("orders").toString().contains("pending"));
                    // Read committed: each of them came with another completed checkpoint.
                    pipeline.awaitChanges("customers", 30);
                    first.kill();
                }
                try (CdcProcess second = CdcProcess.run(folder, pipeline.file(), state, 2)) {
                    pipeline.awaitChanges("customers", 30);
                    requireHeldAt(change, pipeline.events("orders"));
                    pipeline.cdc("schema approve", "public.orders");
                    pipeline.awaitChanges("orders", 40);
                    load.close();
                    pipeline.verify(List.of("customers", "orders"), ShopDatabase.KEYS);
                }
            }
        }
    }

    @Test
    @Tag("E9")
    void rows_of_a_rejected_version_go_to_the_dead_letter_topic() throws Exception {
        try (LocalPipeline pipeline = small("t", 3).avro(registry)) {
            pipeline.sql("ALTER TABLE t ADD COLUMN n bigint");
            pipeline.cdc("check", "--install");
            pipeline.start();
            pipeline.awaitRecords("t", 3);
            pipeline.awaitStreaming();
            pipeline.sql("ALTER TABLE t DROP COLUMN n", "INSERT INTO t VALUES (10, 'dead')");
            pipeline.await("a pending change", () -> pipeline.gauge("enumerator.schemaVersionsPending") == 1);
            pipeline.cdc("schema reject", "public.t", "--reason", "it was a mistake");
            pipeline.sql("ALTER TABLE t ADD COLUMN n bigint", "INSERT INTO t VALUES (11, 'alive')");
            pipeline.awaitRecords("t", 4);
            assertThat(pipeline.texts("t")).contains("c 11").doesNotContain("c 10");
            pipeline.cdc("resnapshot", "public.t");
            pipeline.awaitDone("t", 1);
            pipeline.awaitFolded("t");
        }
    }

    @Test
    @Tag("E8")
    void a_table_with_a_new_schema_waits_for_the_registry_and_the_others_go_on() throws Exception {
        try (SchemaRegistryServer own = SchemaRegistryServer.start();
                LocalPipeline pipeline = pipeline("t", "u").avro(own)) {
            for (String table : List.of("t", "u")) {
                pipeline.sql("CREATE TABLE " + table + " (id int PRIMARY KEY, v text)");
            }
            pipeline.start();
            pipeline.awaitStreaming();
            pipeline.sql("INSERT INTO t VALUES (1, 'a')", "INSERT INTO u VALUES (1, 'a')");
            pipeline.awaitRecords("t", 1);
            pipeline.awaitRecords("u", 1);
            own.kill();
            pipeline.sql("ALTER TABLE t ADD COLUMN n int", "INSERT INTO t VALUES (2, 'b')");
            for (int i = 2; i < 20; i++) {
                pipeline.sql("INSERT INTO u VALUES (" + i + ", 'b')");
            }
            pipeline.awaitRecords("u", 19);
            assertThat(pipeline.events("t")).hasSize(1);
            pipeline.stop();
            pipeline.start();
            pipeline.sql("INSERT INTO u VALUES (100, 'restarted')");
            pipeline.awaitRecords("u", 20);
            assertThat(pipeline.events("t")).hasSize(1);
            own.restart();
            pipeline.awaitRecords("t", 2);
            pipeline.awaitFolded("t");
            pipeline.requireOrder();
        }
    }

    @Test
    @Tag("L3")
    @Tag("S9")
    void a_renamed_table_goes_on_under_its_new_name_with_all_its_rows() throws Exception {
        try (LocalPipeline pipeline = pipeline("t.*").follow("t1", "t2").avro(registry)) {
            pipeline.sql(
                    "CREATE TABLE t1 (id int PRIMARY KEY, v text)",
                    "INSERT INTO t1 SELECT i, 'row ' || i FROM generate_series(1, 5) i");
            pipeline.cdc("check", "--install");
            pipeline.start();
            pipeline.awaitRecords("t1", 5);
            pipeline.awaitStreaming();
            pipeline.sql("ALTER TABLE t1 RENAME TO t2", "INSERT INTO t2 VALUES (10, 'renamed')");
            pipeline.awaitFolded("t2");
            pipeline.stop();
            pipeline.sql("INSERT INTO t2 VALUES (11, 'down')");
            pipeline.start();
            pipeline.awaitStreaming();
            pipeline.sql("INSERT INTO t2 VALUES (12, 'up')", "UPDATE t2 SET v = 'changed' WHERE id = 1");
            pipeline.awaitFolded("t2");
            assertThat(pipeline.events("t1")).hasSize(5);
            assertThat(pipeline.notices("t1").toString()).contains("\"kind\":\"rename\"");
            pipeline.requireOrder();
        }
    }

    @Test
    @Tag("E2")
    @Tag("S8")
    void a_rewritten_table_is_read_again() throws Exception {
        try (LocalPipeline pipeline = small("t", 5).avro(registry)) {
            pipeline.set("schema", "compatibility", "none");
            pipeline.sql("ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 1");
            pipeline.cdc("check", "--install");
            pipeline.start();
            pipeline.awaitRecords("t", 5);
            pipeline.awaitStreaming();
            pipeline.sql("ALTER TABLE t ALTER COLUMN v TYPE text USING v || '!'", "INSERT INTO t VALUES (10, 'new')");
            pipeline.awaitDone("t", 1);
            pipeline.awaitFolded("t");
            pipeline.requireOrder();
        }
    }

    private static JsonNode value(List<TopicEvent> events, String key) {
        return events.stream()
                .filter(event -> event.keyText().equals(key))
                .findFirst()
                .orElseThrow()
                .value();
    }

    /** Alters a table, and says which LSN the log has between the rows before that and those behind. */
    private static long placeOf(LocalPipeline pipeline, String ddl) throws Exception {
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(ddl);
            try (ResultSet lsn = statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
                lsn.next();
                long place = lsn.getLong(1);
                connection.commit();
                return place;
            }
        }
    }

    private static void requireHeldAt(long place, List<TopicEvent> events) {
        assertThat(events).filteredOn(event -> event.value() != null).allSatisfy(event -> assertThat(
                        event.value().path("source").path("lsn").asLong())
                .isPositive()
                .isLessThan(place));
    }

    private static void transaction(LocalPipeline pipeline, String... statements) throws Exception {
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    private LocalPipeline small(String table, int rows) throws Exception {
        LocalPipeline pipeline = pipeline(table);
        pipeline.sql(
                "CREATE TABLE " + table + " (id int PRIMARY KEY, v text)",
                "INSERT INTO " + table + " SELECT i, 'row ' || i FROM generate_series(1, " + rows + ") i");
        return pipeline;
    }

    private LocalPipeline pipeline(String... tables) {
        return new LocalPipeline(folder, SharedServers.postgres(), tables);
    }
}
