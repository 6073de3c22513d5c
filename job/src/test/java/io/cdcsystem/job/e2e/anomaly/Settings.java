package io.cdcsystem.job.e2e.anomaly;

import io.cdcsystem.job.config.ConfigLoader;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.testbed.KafkaBroker;
import java.nio.file.Path;
import java.util.List;

/** What a test may choose of its pipeline. */
record Settings(int chunkSize, String checkpointInterval, String guarantee, String skippedOperations) {
    static final Settings DEFAULT = new Settings(10, "200ms", "exactly-once", "none");

    /** Longer than any test, and shorter than a transaction's timeout. */
    static final String NO_CHECKPOINTS = "14m";

    Settings chunkSize(int rows) {
        return new Settings(rows, checkpointInterval, guarantee, skippedOperations);
    }

    Settings checkpointInterval(String interval) {
        return new Settings(chunkSize, interval, guarantee, skippedOperations);
    }

    Settings skippedOperations(String operations) {
        return new Settings(chunkSize, checkpointInterval, guarantee, operations);
    }

    /** The pipeline of that name over these tables of schema public. */
    PipelineConfig config(String name, TestDatabase database, KafkaBroker kafka, List<String> tables, int parallelism) {
        String tableList = String.join(
                "', '", tables.stream().map(table -> "public\\." + table).toList());
        return new ConfigLoader()
                .parse(
                        """
                        name: %1$s
                        source:
                          type: postgres
                          hostname: %2$s
                          port: %3$d
                          username: %4$s
                          password: %5$s
                          database: %6$s
                          tables: ['%7$s']
                          slot.name: %1$s
                          publication.name: %1$s
                        snapshot: { chunk-size: %8$d }
                        format: { type: debezium-json, skipped.operations: %9$s }
                        sink:
                          type: kafka
                          bootstrap.servers: '%10$s'
                          topic.prefix: %1$s
                          delivery-guarantee: %11$s
                          topic: { partitions: 2 }
                        pipeline: { parallelism: %12$d, checkpoint-interval: %13$s }
                        """.formatted(
                                        name,
                                        database.server().host(),
                                        database.server().port(),
                                        database.server().user(),
                                        database.server().password(),
                                        database.name(),
                                        tableList,
                                        chunkSize,
                                        skippedOperations,
                                        kafka.bootstrapServers(),
                                        guarantee,
                                        parallelism,
                                        checkpointInterval),
                        "test",
                        Path.of("."));
    }
}
