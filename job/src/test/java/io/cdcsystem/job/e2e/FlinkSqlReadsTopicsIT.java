package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.SchemaRegistryServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flink SQL's own Debezium formats read the topics as they are; the Avro one resolves by the schema id in the bytes. */
@Tag("E5")
@Tag("S4")
class FlinkSqlReadsTopicsIT {
    private static PostgresServer postgres;
    private static KafkaBroker kafka;
    private static SchemaRegistryServer registry;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServers() {
        postgres = PostgresServer.start();
        kafka = KafkaBroker.startProcess();
        registry = SchemaRegistryServer.start();
    }

    @AfterAll
    static void stopServers() {
        registry.close();
        kafka.close();
        postgres.close();
    }

    @Test
    void flink_sql_debezium_json_folds_the_topic_into_the_table() throws Exception {
        String database = createTable();
        PipelineFile pipeline = PipelineFile.of("sqljson", postgres, database, kafka, List.of("public.goods"));
        capture(pipeline, database);
        assertThat(fold(pipeline, "'value.format' = 'debezium-json'")).isEqualTo(EXPECTED);
    }

    @Test
    void flink_sql_debezium_avro_confluent_folds_the_topic_into_the_table() throws Exception {
        String database = createTable();
        PipelineFile pipeline = PipelineFile.of("sqlavro", postgres, database, kafka, List.of("public.goods"))
                .avro(registry.url());
        capture(pipeline, database);
        assertThat(fold(
                        pipeline,
                        "'value.format' = 'debezium-avro-confluent', 'value.debezium-avro-confluent.url' = '"
                                + registry.url() + "'"))
                .isEqualTo(EXPECTED);
    }

    private static final Map<Long, String> EXPECTED =
            Map.of(1L, "apple|7|true", 2L, "pear, ripe|20|null", 5L, "plum|50|false", 40L, "fig|4|true");

    private static String createTable() throws Exception {
        String database = postgres.createDatabase();
        postgres.execute(
                database,
                "CREATE TABLE goods (id bigint PRIMARY KEY, name text NOT NULL, stock int, fresh boolean)",
                "ALTER TABLE goods REPLICA IDENTITY FULL",
                "INSERT INTO goods VALUES (1, 'apple', 1, true), (2, 'pear', 2, null), (3, 'kiwi', 3, true),"
                        + " (4, 'fig', 4, true)");
        return database;
    }

    /** The first run reads the snapshot; what is written while it is down comes from the log of the second. */
    private void capture(PipelineFile pipeline, String database) throws Exception {
        Path file = pipeline.write(folder);
        String state = folder.resolve("state").toString();
        run(file, state);
        postgres.execute(
                database,
                "UPDATE goods SET stock = 7 WHERE id = 1",
                "UPDATE goods SET stock = 20, name = 'pear, ripe' WHERE id = 2",
                "DELETE FROM goods WHERE id = 3",
                "UPDATE goods SET id = 40 WHERE id = 4",
                "INSERT INTO goods VALUES (5, 'plum', 50, false)");
        run(file, state);
    }

    private void run(Path file, String state) throws Exception {
        try (CdcProcess job = CdcProcess.start(
                folder,
                "1g",
                List.of("run", "-c", file.toString(), "--state", state, "--bounded", "--web-port", "0"))) {
            assertThat(job.await()).as(job.log()).isZero();
        }
    }

    private static Map<Long, String> fold(PipelineFile pipeline, String format) throws Exception {
        StreamTableEnvironment tables =
                StreamTableEnvironment.create(StreamExecutionEnvironment.createLocalEnvironment(1));
        tables.executeSql(
                "CREATE TABLE goods (id BIGINT NOT NULL, name STRING NOT NULL, stock INT, fresh BOOLEAN) WITH ("
                        + "'connector' = 'kafka', 'topic' = '"
                        + pipeline.topics().get(0) + "', 'scan.startup.mode' ="
                        + " 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'properties.bootstrap.servers' = '"
                        + kafka.bootstrapServers() + "', " + format + ")");
        Map<Long, String> state = new TreeMap<>();
        try (CloseableIterator<Row> rows =
                tables.executeSql("SELECT * FROM goods").collect()) {
            while (rows.hasNext()) {
                Row row = rows.next();
                Long id = row.<Long>getFieldAs(0);
                if (row.getKind() == RowKind.DELETE || row.getKind() == RowKind.UPDATE_BEFORE) {
                    state.remove(id);
                } else {
                    state.put(id, row.getField(1) + "|" + row.getField(2) + "|" + row.getField(3));
                }
            }
        }
        return state;
    }
}
