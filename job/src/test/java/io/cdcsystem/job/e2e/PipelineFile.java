package io.cdcsystem.job.e2e;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes pipeline files for the tests, the way a user would. */
record PipelineFile(
        String name,
        PostgresServer postgres,
        String database,
        KafkaBroker kafka,
        List<String> tables,
        String format,
        @Nullable String registryUrl,
        String guarantee,
        int chunkSize,
        String checkpointInterval) {

    static PipelineFile of(
            String name, PostgresServer postgres, String database, KafkaBroker kafka, List<String> tables) {
        return new PipelineFile(
                name, postgres, database, kafka, tables, "debezium-json", null, "at-least-once", 10_000, "1s");
    }

    PipelineFile guarantee(String value) {
        return new PipelineFile(
                name, postgres, database, kafka, tables, format, registryUrl, value, chunkSize, checkpointInterval);
    }

    PipelineFile chunkSize(int rows) {
        return new PipelineFile(
                name, postgres, database, kafka, tables, format, registryUrl, guarantee, rows, checkpointInterval);
    }

    PipelineFile avro(String url) {
        return new PipelineFile(
                name,
                postgres,
                database,
                kafka,
                tables,
                "debezium-avro",
                url,
                guarantee,
                chunkSize,
                checkpointInterval);
    }

    /** The topics, one a table. */
    List<String> topics() {
        return tables.stream().map(table -> name + "." + table).toList();
    }

    Path write(Path folder) {
        String tableList = String.join(
                "', '", tables.stream().map(table -> table.replace(".", "\\.")).toList());
        String registry = registryUrl == null ? "" : "registry:\n  url: '" + registryUrl + "'\n";
        try {
            return Files.writeString(folder.resolve(name + ".yaml"), """
                    name: %s
                    source:
                      type: postgres
                      hostname: %s
                      port: %d
                      username: %s
                      password: %s
                      database: %s
                      tables: ['%s']
                      slot.name: %s
                      publication.name: %s
                    snapshot:
                      chunk-size: %d
                    format:
                      type: %s
                    %ssink:
                      type: kafka
                      bootstrap.servers: '%s'
                      topic.prefix: %s
                      delivery-guarantee: %s
                    pipeline:
                      parallelism: 2
                      checkpoint-interval: %s
                    """.formatted(
                            name,
                            postgres.host(),
                            postgres.port(),
                            postgres.user(),
                            postgres.password(),
                            database,
                            tableList,
                            name,
                            name,
                            chunkSize,
                            format,
                            registry,
                            kafka.bootstrapServers(),
                            name,
                            guarantee,
                            checkpointInterval));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
