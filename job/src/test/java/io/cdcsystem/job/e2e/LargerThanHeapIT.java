package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.verify.TopicReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory follows the chunk, never the table. */
@Tag("S3")
class LargerThanHeapIT {
    private static final int ROWS = 300_000;
    private static final int BYTES_PER_ROW = 2_000;

    @Test
    void a_table_of_600_megabytes_snapshots_with_a_heap_of_512(@TempDir Path folder) throws Exception {
        try (PostgresServer postgres = PostgresServer.start();
                KafkaBroker kafka = KafkaBroker.startProcess()) {
            String database = postgres.createDatabase();
            postgres.execute(
                    database,
                    "CREATE TABLE wide (id int PRIMARY KEY, body text NOT NULL)",
                    "ALTER TABLE wide ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO wide SELECT i, repeat(chr(65 + i % 26), " + BYTES_PER_ROW
                            + ") FROM generate_series(1, " + ROWS + ") i");
            PipelineFile pipeline = PipelineFile.of("wide", postgres, database, kafka, List.of("public.wide"));
            Path file = pipeline.write(folder);
            try (CdcProcess job = CdcProcess.start(
                    folder, "512m", List.of("run", "-c", file.toString(), "--bounded", "--web-port", "0"))) {
                assertThat(job.await()).as(job.log()).isZero();
            }
            long[] rows = {0};
            long[] bytes = {0};
            try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), false, TopicReader::json)) {
                reader.readToEnd(pipeline.topics(), event -> {
                    rows[0]++;
                    bytes[0] +=
                            event.value().path("after").path("body").asText().length();
                });
            }
            assertThat(rows[0]).isEqualTo(ROWS);
            assertThat(bytes[0]).isEqualTo((long) ROWS * BYTES_PER_ROW);
        }
    }
}
