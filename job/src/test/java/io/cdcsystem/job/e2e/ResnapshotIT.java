package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.SharedServers;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import io.cdcsystem.testbed.verify.TopicEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are read again on demand while the pipeline goes on. */
@Tag("S8")
class ResnapshotIT {
    private static final int WRITERS = 4;
    private static final int TRANSACTIONS_PER_SECOND = 120;

    @TempDir
    Path folder;

    @Test
    void every_row_comes_again_while_its_table_and_another_one_are_written_to() throws Exception {
        try (LocalPipeline pipeline = pipeline("customers", "orders")) {
            try (Connection connection = pipeline.connect()) {
                ShopDatabase.create(connection, 2_000);
            }
            pipeline.start();
            try (ShopWorkload load = ShopWorkload.start(pipeline::connect, WRITERS, TRANSACTIONS_PER_SECOND, 11)) {
                pipeline.awaitChanges("orders", 20);
                long run = pipeline.gauge("orders", "snapshotRun");

                pipeline.cdc("resnapshot", "--pause");
                pipeline.await("a pause", () -> pipeline.gauge("enumerator.snapshotPaused") == 1);
                pipeline.cdc("resnapshot", "public.orders");
                pipeline.await("the order", () -> pipeline.gauge("orders", "snapshotRun") > run);
                pipeline.awaitChanges("orders", 20);
                pipeline.awaitChanges("customers", 10);
                assertThat(incremental(pipeline, "orders")).isEmpty();

                pipeline.cdc("resnapshot", "--resume");
                pipeline.awaitDone("orders", run);
                pipeline.awaitChanges("orders", 20);
                pipeline.awaitChanges("customers", 10);
            }
            pipeline.verify(List.of("customers", "orders"), ShopDatabase.KEYS);
            assertThat(incremental(pipeline, "customers")).isEmpty();
            Map<String, List<String>> byKey = byKey(pipeline, "orders");
            long untouched = byKey.entrySet().stream()
                    .filter(key -> key.getValue().stream().noneMatch(text -> text.matches("[cud] .*")))
                    .peek(key -> assertThat(key.getValue()).containsExactly("r " + key.getKey(), "i " + key.getKey()))
                    .count();
            assertThat(untouched).isGreaterThan(50);
        }
    }

    @Test
    void what_happened_behind_the_logs_back_is_mended() throws Exception {
        try (LocalPipeline pipeline = small("t", 60)) {
            pipeline.start();
            pipeline.awaitRecords("t", 60);
            pipeline.awaitStreaming();
            // Changed before the gap: its state in the pipeline stems from the log.
            pipeline.sql("UPDATE t SET v = 'log' WHERE id IN (1, 2, 3)", "INSERT INTO t VALUES (100, 'log')");
            pipeline.sql(
                    "ALTER PUBLICATION " + pipeline.name() + " DROP TABLE t",
                    "DELETE FROM t WHERE id IN (1, 10, 11, 100)",
                    "UPDATE t SET v = 'unseen' WHERE id IN (2, 20)",
                    "INSERT INTO t VALUES (200, 'unseen')",
                    "ALTER PUBLICATION " + pipeline.name() + " ADD TABLE t");
            pipeline.awaitRecords("t", 64);
            pipeline.cdc("resnapshot", "public.t");
            pipeline.awaitDone("t", 1);
            pipeline.awaitFolded("t");

            List<String> again = pipeline.texts("t", 64);
            assertThat(again)
                    .contains("d 1", "tombstone 1", "d 10", "tombstone 10", "d 11", "tombstone 11", "d 100")
                    .contains("i 2", "i 20", "i 200")
                    .doesNotContain("d 200", "d 2");
            assertThat(again).hasSize(58 + 4 * 2).doesNotHaveDuplicates();

            pipeline.sql("INSERT INTO t VALUES (10, 'again')", "DELETE FROM t WHERE id = 200");
            pipeline.awaitFolded("t");
            pipeline.requireOrder();
        }
    }

    @Test
    void with_a_condition_only_matching_rows_come_and_nothing_is_deleted() throws Exception {
        try (LocalPipeline pipeline = small("t", 50)) {
            pipeline.start();
            pipeline.awaitRecords("t", 50);
            pipeline.awaitStreaming();
            pipeline.sql(
                    "ALTER PUBLICATION " + pipeline.name() + " DROP TABLE t",
                    "DELETE FROM t WHERE id = 5",
                    "ALTER PUBLICATION " + pipeline.name() + " ADD TABLE t");
            pipeline.cdc("resnapshot", "public.t", "--where", "id <= 10 OR v = '20'");
            pipeline.awaitDone("t", 1);
            pipeline.sql("INSERT INTO t VALUES (1000, 'end')");
            pipeline.await("the end", () -> pipeline.texts("t").contains("c 1000"));
            assertThat(pipeline.texts("t", 50))
                    .containsExactlyInAnyOrder(
                            "i 1", "i 2", "i 3", "i 4", "i 6", "i 7", "i 8", "i 9", "i 10", "i 20", "c 1000");
            pipeline.requireOrder();
        }
    }

    @Test
    void a_stopped_re_read_publishes_nothing_more_and_can_be_asked_for_again() throws Exception {
        try (LocalPipeline pipeline = small("t", 40)) {
            pipeline.start();
            pipeline.awaitRecords("t", 40);
            pipeline.awaitStreaming();
            pipeline.cdc("resnapshot", "--pause");
            pipeline.cdc("resnapshot", "public.t");
            pipeline.await("the order", () -> pipeline.gauge("t", "snapshotRun") == 2);
            pipeline.cdc("resnapshot", "--stop", "public.t");
            pipeline.cdc("resnapshot", "--resume");
            pipeline.await("the resumption", () -> pipeline.gauge("enumerator.snapshotPaused") == 0);
            pipeline.awaitDone("t", 1);
            pipeline.sql("DELETE FROM t WHERE id = 1");
            pipeline.await("the change", () -> pipeline.texts("t").contains("d 1"));
            assertThat(pipeline.texts("t", 40)).containsExactly("d 1", "tombstone 1");

            pipeline.cdc("resnapshot", "public.t");
            pipeline.awaitDone("t", 2);
            pipeline.await("39 rows again", () -> incremental(pipeline, "t").size() >= 39);
            assertThat(incremental(pipeline, "t")).hasSize(39).doesNotHaveDuplicates();
            pipeline.requireOrder();
        }
    }

    @Test
    void signals_come_by_a_table_and_by_a_topic() throws Exception {
        try (LocalPipeline pipeline = small("t", 30)) {
            pipeline.sql(
                    "CREATE TABLE debezium_signal (id varchar(42) PRIMARY KEY, type varchar(32), data varchar(2048))");
            String topic = pipeline.name() + "-signals";
            try (Admin admin = Admin.create(
                    Map.of("bootstrap.servers", (Object) pipeline.kafka().bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
                        .all()
                        .get();
            }
            pipeline.set("signal", "data.collection", "public.debezium_signal").set("signal", "kafka.topic", topic);
            pipeline.start();
            pipeline.awaitRecords("t", 30);
            pipeline.awaitStreaming();

            pipeline.sql("INSERT INTO debezium_signal VALUES ('ad-hoc-1', 'execute-snapshot', '{\"data-collections\":"
                    + " [\"public.t\"], \"type\": \"incremental\", \"additional-conditions\": [{\"data-collection\":"
                    + " \"public.t\", \"filter\": \"id <= 2\"}]}')");
            pipeline.awaitRecords("t", 32);
            assertThat(pipeline.texts("t", 30)).containsExactlyInAnyOrder("i 1", "i 2");
            pipeline.awaitDone("t", 1);

            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers()),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                producer.send(record(topic, "somebody else", "id <= 30")).get();
                producer.send(record(topic, pipeline.name(), "id = 7")).get();
            }
            pipeline.awaitDone("t", 2);
            pipeline.awaitRecords("t", 33);
            pipeline.cdc("resnapshot", "public.t", "--where", "id = 8", "--via-kafka");
            pipeline.awaitRecords("t", 34);
            assertThat(pipeline.texts("t", 32)).containsExactly("i 7", "i 8");
            pipeline.requireOrder();
        }
    }

    @Test
    void a_signal_sent_while_the_pipeline_is_down_is_carried_out_once() throws Exception {
        try (LocalPipeline pipeline = small("t", 30)) {
            pipeline.start();
            pipeline.awaitRecords("t", 30);
            pipeline.awaitStreaming();
            pipeline.stop();

            String told = pipeline.cdc("resnapshot", "public.t");
            assertThat(told).contains("the request waits until one does");
            pipeline.start();
            pipeline.awaitRecords("t", 60);
            pipeline.awaitDone("t", 1);
            pipeline.stop();

            pipeline.sql("INSERT INTO t VALUES (31, '31')");
            pipeline.start();
            pipeline.awaitRecords("t", 61);
            pipeline.await("what the enumerator does", () -> pipeline.gauge("t", "snapshotStage") >= 0);
            assertThat(pipeline.gauge("t", "snapshotRun")).isEqualTo(2);
            pipeline.stop();
            assertThat(pipeline.texts("t", 30))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(IntStream.rangeClosed(1, 30).mapToObj(id -> "i " + id), Stream.of("c 31"))
                                    .toList());
            pipeline.requireOrder();
        }
    }

    @Test
    @Tag("S6")
    void a_re_read_that_is_killed_goes_on_and_no_row_comes_twice() throws Exception {
        int rows = 20_000;
        try (LocalPipeline pipeline =
                small("t", rows).set("snapshot", "chunk-size", "100").set("snapshot", "chunk.target-time", "0s")) {
            Path state = folder.resolve("state");
            try (CdcProcess first = CdcProcess.run(folder, pipeline.file(), state, 2)) {
                awaitIn(
                        first,
                        pipeline,
                        "the snapshot",
                        () -> pipeline.events("t").size() >= rows);
                pipeline.awaitStreaming();
                pipeline.cdc("resnapshot", "public.t");
                awaitIn(first, pipeline, "rows again", () -> !incremental(pipeline, "t")
                        .isEmpty());
                first.kill();
            }
            assertThat(pipeline.events("t")).as("killed in the middle").hasSizeBetween(rows + 1, 2 * rows - 1);
            pipeline.sql("UPDATE t SET v = 'late' WHERE id <= 50", "DELETE FROM t WHERE id BETWEEN 51 AND 60");
            try (CdcProcess second = CdcProcess.run(folder, pipeline.file(), state, 2)) {
                Map<String, String> expected = pipeline.rows("t", "id", "v");
                awaitIn(
                        second,
                        pipeline,
                        "the end",
                        () -> pipeline.events("t").size() >= 2 * rows + 40
                                && pipeline.folded("t", "v").equals(expected));
                assertThat(second.terminate()).as(second.log()).isZero();
            }
            List<String> again = incremental(pipeline, "t");
            assertThat(again).doesNotHaveDuplicates();
            assertThat(again.size()).isGreaterThanOrEqualTo(rows - 60);
            pipeline.requireOrder();
        }
    }

    private LocalPipeline pipeline(String... tables) {
        return new LocalPipeline(folder, SharedServers.postgres(), tables);
    }

    /** Over one table {@code (id, v)}. */
    private LocalPipeline small(String table, int rows) throws Exception {
        LocalPipeline pipeline = pipeline(table);
        pipeline.sql(
                "CREATE TABLE " + table + " (id int PRIMARY KEY, v text)",
                "INSERT INTO " + table + " SELECT i, i FROM generate_series(1, " + rows + ") i");
        return pipeline;
    }

    private static void awaitIn(
            CdcProcess job, LocalPipeline pipeline, String what, java.util.concurrent.Callable<Boolean> condition) {
        pipeline.await(what, () -> {
            assertThat(job.isAlive()).as(() -> job.log()).isTrue();
            return condition.call();
        });
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String key, String filter) {
        String value = "{\"type\": \"execute-snapshot\", \"data\": {\"data-collections\": [\"public.t\"],"
                + " \"additional-conditions\": [{\"data-collection\": \"public.t\", \"filter\": \"" + filter + "\"}]}}";
        return new ProducerRecord<>(
                topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    /** Rows of incremental snapshots, in words. */
    private static List<String> incremental(LocalPipeline pipeline, String table) {
        return pipeline.events(table).stream()
                .filter(LocalPipeline::isIncremental)
                .map(LocalPipeline::text)
                .toList();
    }

    private static Map<String, List<String>> byKey(LocalPipeline pipeline, String table) {
        Map<String, List<String>> keys = new TreeMap<>();
        for (TopicEvent event : pipeline.events(table)) {
            keys.computeIfAbsent(event.keyText(), key -> new ArrayList<>()).add(LocalPipeline.text(event));
        }
        return keys;
    }
}
