package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.consumer.ChangeReader;
import io.cdcsystem.consumer.ReaderSchema;
import io.cdcsystem.consumer.RecordPart;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.CachingSubjectRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.testbed.SchemaRegistryServer;
import io.cdcsystem.testbed.SharedServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One table carried through forty random changes of its definition, between writes and restarts. */
@Tag("E1")
@Tag("E2")
@Tag("E5")
@Tag("E6")
class RandomSchemaChangesIT {
    private static final int CHANGES = 40;
    private static final int CHANGES_PER_RESTART = 13;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final Map<String, JsonNode> expected = new HashMap<>();
    private int nextId = 1;
    private int nextColumn = 1;

    @ParameterizedTest(name = "with_event_trigger_{0}")
    @ValueSource(booleans = {true, false})
    void every_consumer_reads_every_event_right_or_gets_the_documented_error(boolean trigger) throws Exception {
        Random random = new Random(trigger ? 4 : 5);
        try (SchemaRegistryServer registry = SchemaRegistryServer.start();
                LocalPipeline pipeline = new LocalPipeline(folder, SharedServers.postgres(), "t").avro(registry)) {
            pipeline.set("schema", "compatibility", "none");
            pipeline.sql("CREATE TABLE t (id int PRIMARY KEY, a text, b int)");
            if (trigger) {
                pipeline.cdc("check", "--install");
            }
            pipeline.start();
            pipeline.awaitStreaming();
            List<String> columns = new ArrayList<>(List.of("a", "b"));
            List<String> altered = new ArrayList<>();
            write(pipeline, random);
            for (int change = 1; change <= CHANGES; change++) {
                altered.add(alter(random, columns));
                pipeline.sql(altered.get(altered.size() - 1));
                write(pipeline, random);
                if (change % CHANGES_PER_RESTART == 0) {
                    pipeline.stop();
                    pipeline.start();
                    pipeline.awaitStreaming();
                }
            }
            pipeline.awaitRecords("t", expected.size());
            pipeline.requireOrder();

            CachingSubjectRegistry schemas = new CachingSubjectRegistry(
                    new HttpSchemaRegistry(
                            new RegistryConfig(List.of(registry.url()), null, null, Duration.ofMinutes(5))),
                    Duration.ofMinutes(5));
            String subject = pipeline.name() + ".public.t-value";
            List<byte[]> records = records(pipeline);
            assertThat(records).hasSameSizeAs(expected.keySet());
            assertThat(read(schemas, pipeline, ReaderSchema.writer(), records))
                    .as("refused")
                    .isZero();
            int pinned = read(schemas, pipeline, ReaderSchema.version(1), records);
            int newest = read(schemas, pipeline, ReaderSchema.newest(), records);
            assertThat(pinned).as("refused to the first version").isLessThan(records.size());
            assertThat(newest).as("refused to the newest version").isLessThan(records.size());

            List<JsonNode> notices = pipeline.notices("t");
            List<Integer> noticed = notices.stream()
                    .map(notice ->
                            notice.path("schemaIds").path("after").path("value").asInt())
                    .distinct()
                    .toList();
            List<Integer> registered = schemas.versions(subject).stream()
                    .map(version -> schemas.version(subject, version).id())
                    .toList();
            assertThat(registered).isEqualTo(noticed);
            assertThat(notices.stream().map(notice -> notice.path("id").asText()))
                    .doesNotHaveDuplicates();
            if (trigger) {
                List<String> statements = notices.stream()
                        .skip(1)
                        .map(notice -> notice.path("statement").asText())
                        .toList();
                assertThat(statements).isEqualTo(altered);
            } else {
                assertThat(notices).hasSize(1 + CHANGES);
            }
        }
    }

    /** Inserts rows, and keeps what the database shows of them. */
    private void write(LocalPipeline pipeline, Random random) throws Exception {
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement()) {
            for (int rows = 1 + random.nextInt(3); rows > 0; rows--) {
                int id = nextId++;
                try (ResultSet row =
                        statement.executeQuery("INSERT INTO t (id) VALUES (" + id + ") RETURNING to_jsonb(t)::text")) {
                    row.next();
                    expected.put(String.valueOf(id), JSON.readTree(row.getString(1)));
                }
            }
        }
    }

    /** A change that shows in the rows behind it. */
    private String alter(Random random, List<String> columns) {
        String fresh = "c" + nextColumn++;
        String known = columns.get(random.nextInt(columns.size()));
        switch (columns.size() < 3 ? random.nextInt(4) : random.nextInt(7)) {
            case 0 -> {
                columns.add(fresh);
                return "ALTER TABLE t ADD COLUMN " + fresh + " text";
            }
            case 1 -> {
                columns.add(fresh);
                return "ALTER TABLE t ADD COLUMN " + fresh + " int NOT NULL DEFAULT " + random.nextInt(100);
            }
            case 2 -> {
                columns.add(fresh);
                return "ALTER TABLE t ADD COLUMN " + fresh + " bigint DEFAULT " + random.nextInt(100);
            }
            case 3 -> {
                columns.add(fresh);
                return "ALTER TABLE t ADD COLUMN " + fresh + " boolean DEFAULT true";
            }
            case 4 -> {
                columns.remove(known);
                return "ALTER TABLE t DROP COLUMN " + known;
            }
            default -> {
                columns.set(columns.indexOf(known), fresh);
                return "ALTER TABLE t RENAME COLUMN " + known + " TO " + fresh;
            }
        }
    }

    /** Reads all; how many are refused. What both sides have in common is as the database showed it. */
    private int read(
            CachingSubjectRegistry schemas,
            LocalPipeline pipeline,
            ReaderSchema<GenericRecord> wanted,
            List<byte[]> records)
            throws Exception {
        ChangeReader<GenericRecord> reader = new ChangeReader<>(schemas, wanted, RecordPart.VALUE);
        String topic = pipeline.name() + ".public.t";
        int refused = 0;
        for (byte[] bytes : records) {
            GenericRecord record;
            try {
                record = reader.read(topic, bytes);
            } catch (CdcException e) {
                assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.READER_INCOMPATIBLE);
                refused++;
                continue;
            }
            JsonNode after = JSON.readTree(String.valueOf(record)).path("after");
            JsonNode row = expected.get(after.path("id").asText());
            boolean whole = wanted instanceof ReaderSchema.Writer;
            if (whole) {
                assertThat(after.size()).as("%s of %s", after, row).isEqualTo(row.size());
            }
            row.properties().forEach(column -> {
                if (whole || after.has(column.getKey())) {
                    assertThat(after.path(column.getKey()).asText())
                            .as("%s of %s", column.getKey(), row)
                            .isEqualTo(column.getValue().asText());
                }
            });
        }
        return refused;
    }

    private static List<byte[]> records(LocalPipeline pipeline) {
        List<byte[]> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        pipeline.kafka().bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(pipeline.name() + ".public.t").stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }
}
