package io.cdcsystem.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.consumer.ChangeReader;
import io.cdcsystem.consumer.ReaderSchema;
import io.cdcsystem.consumer.RecordPart;
import io.cdcsystem.job.CdcJob;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.ConfigLoader;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.SchemaRegistry;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import io.cdcsystem.testbed.verify.Findings;
import io.cdcsystem.testbed.verify.HistoryCheck;
import io.cdcsystem.testbed.verify.StateCheck;
import io.cdcsystem.testbed.verify.TopicEvent;
import io.cdcsystem.testbed.verify.TopicHistory;
import io.cdcsystem.testbed.verify.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One run of the demo: servers, load, job, workload with an ALTER TABLE in its middle, comparison. */
final class Demo {
    private static final String PREFIX = "shop";
    private static final List<String> TOPICS = ShopDatabase.TABLES.stream()
            .map(table -> PREFIX + ".public." + table)
            .toList();
    private static final int WRITERS = 4;
    private static final long CATCH_UP_SECONDS_MAX = 90;

    private final Terminal terminal;
    private final int seconds;
    private final String format;
    private final int rows;
    private final int rate;
    private final int webPort;

    private final TopicHistory history = new TopicHistory();
    private final Latencies latencies = new Latencies();

    Demo(Terminal terminal, int seconds, String format, int rows, int rate, int webPort) {
        this.terminal = terminal;
        this.seconds = seconds;
        this.format = format;
        this.rows = rows;
        this.rate = rate;
        this.webPort = webPort;
    }

    DemoSummary run() throws Exception {
        terminal.step("starting PostgreSQL, Kafka and a schema registry");
        Path work = Files.createTempDirectory("cdc-demo");
        try (DemoServers servers = DemoServers.start()) {
            PostgresServer postgres = servers.postgres();
            String database = postgres.createDatabase();
            long loaded;
            try (Connection connection = postgres.connect(database)) {
                loaded = ShopDatabase.create(connection, rows);
            }
            terminal.step("loaded " + loaded + " rows into " + ShopDatabase.TABLES);
            PipelineConfig config = new ConfigLoader().load(pipelineFile(work, servers, database));
            JobClient job = submit(config, work);
            try (TopicReader reader = new TopicReader(servers.kafka().bootstrapServers(), false, decoder(servers))) {
                long transactions = load(postgres, database, reader, loaded);
                DemoSummary summary = compare(postgres, database, reader, transactions);
                job.cancel().get(30, TimeUnit.SECONDS);
                return summary;
            }
        }
    }

    private Function<byte[], JsonNode> decoder(DemoServers servers) {
        return format.equals("debezium-avro") ? new AvroAsJson(avro(servers)) : TopicReader::json;
    }

    private static Function<byte[], GenericRecord> avro(DemoServers servers) {
        ChangeReader<GenericRecord> reader =
                new ChangeReader<>(registry(servers), ReaderSchema.writer(), RecordPart.VALUE);
        return bytes -> Objects.requireNonNull(reader.read("demo", bytes));
    }

    private static SchemaRegistry registry(DemoServers servers) {
        return new HttpSchemaRegistry(
                new RegistryConfig(List.of(servers.registry().url()), null, null, Duration.ofMinutes(5)));
    }

    private Path pipelineFile(Path work, DemoServers servers, String database) throws IOException {
        PostgresServer postgres = servers.postgres();
        Path password = Files.writeString(work.resolve("password"), postgres.password());
        return Files.writeString(work.resolve("pipeline.yaml"), """
                name: demo
                source:
                  type: postgres
                  hostname: %s
                  port: %d
                  username: %s
                  password: ${file:%s}
                  database: %s
                  tables: ['public\\.customers', 'public\\.orders', 'public\\.order_items']
                  slot.name: cdc_demo
                  publication.name: cdc_demo
                format:
                  type: %s
                registry:
                  url: '%s'
                sink:
                  type: kafka
                  bootstrap.servers: '%s'
                  topic.prefix: %s
                pipeline:
                  parallelism: 2
                  checkpoint-interval: 2s
                """.formatted(
                        postgres.host(),
                        postgres.port(),
                        postgres.user(),
                        password,
                        database,
                        format,
                        servers.registry().url(),
                        servers.kafka().bootstrapServers(),
                        PREFIX));
    }

    private JobClient submit(PipelineConfig config, Path work) throws Exception {
        Configuration flink = new Configuration();
        flink.set(RestOptions.BIND_PORT, webPort == 0 ? "0" : webPort + "-" + (webPort + 50));
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                work.resolve("checkpoints").toUri().toString());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(flink);
        CdcJob.configure(env, config, flink);
        Pipeline.define(env, config);
        JobClient job = env.executeAsync("cdc demo");
        terminal.step("job " + job.getJobID() + " submitted; Flink's web UI listens on http://127.0.0.1 from port "
                + webPort + " on");
        return job;
    }

    /** Runs the workload and follows the topics meanwhile; returns the transactions committed. */
    private long load(PostgresServer postgres, String database, TopicReader reader, long loaded) throws Exception {
        ShopWorkload workload = ShopWorkload.start(() -> postgres.connect(database), WRITERS, rate, 1);
        long start = System.nanoTime();
        boolean altered = false;
        try (workload) {
            for (long second = 1; second <= seconds; second++) {
                follow(reader, start + TimeUnit.SECONDS.toNanos(second));
                terminal.progress(history.snapshotRows(), loaded, history.records(), workload.committed());
                if (!altered && second >= seconds / 2) {
                    alter(postgres, database);
                    altered = true;
                }
            }
        }
        return workload.committed();
    }

    private void alter(PostgresServer postgres, String database) throws SQLException {
        terminal.step("ALTER TABLE customers ADD COLUMN loyalty text");
        postgres.execute(
                database,
                "ALTER TABLE customers ADD COLUMN loyalty text",
                "UPDATE customers SET loyalty = 'gold' WHERE id % 100 = 0");
    }

    private void follow(TopicReader reader, long untilNanos) {
        reader.follow(TOPICS);
        while (System.nanoTime() < untilNanos) {
            reader.poll(Duration.ofMillis(50), this::accept);
        }
    }

    private void accept(TopicEvent event) {
        history.accept(event);
        terminal.event(event);
        JsonNode value = event.value();
        if (value != null && !"r".equals(value.path("op").asText())) {
            latencies.add(
                    event.arrivedMillis() - value.path("source").path("ts_ms").asLong());
        }
    }

    /** Reads on until everything audited has arrived, or the deadline passes, and compares. */
    private DemoSummary compare(PostgresServer postgres, String database, TopicReader reader, long transactions)
            throws SQLException {
        terminal.step("workload ended; reading the topics to their end and comparing");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CATCH_UP_SECONDS_MAX);
        while (true) {
            follow(reader, System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
            try (Connection connection = postgres.connect(database)) {
                Findings findings = new Findings();
                HistoryCheck.Result changes = HistoryCheck.run(connection, ShopDatabase.TABLES, history, findings);
                if (changes.isClean() || System.nanoTime() > deadline) {
                    long different = 0;
                    for (Map.Entry<String, List<String>> table : ShopDatabase.KEYS.entrySet()) {
                        different +=
                                StateCheck.differences(connection, table.getKey(), table.getValue(), history, findings);
                    }
                    return DemoSummary.of(transactions, history, changes, different, latencies, TOPICS, findings);
                }
            }
        }
    }
}
