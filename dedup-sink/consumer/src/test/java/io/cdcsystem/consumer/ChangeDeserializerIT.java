package io.cdcsystem.consumer;

import static io.cdcsystem.consumer.EvolvingTable.column;
import static io.cdcsystem.consumer.EvolvingTable.int32;
import static io.cdcsystem.consumer.EvolvingTable.int64;
import static io.cdcsystem.consumer.EvolvingTable.row;
import static io.cdcsystem.consumer.EvolvingTable.text;
import static io.cdcsystem.consumer.EvolvingTable.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.testbed.SharedServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through a real broker and registry, by a consumer's properties alone. */
@Tag("E6")
class ChangeDeserializerIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final TableSchema FIRST = version(column("qty", ColumnType.of(Kind.INT32), false));
    private static final TableSchema SECOND = version(
            column("qty", ColumnType.of(Kind.INT64), false),
            column("state", ColumnType.of(Kind.STRING), false, text("new")));

    @TempDir
    Path work;

    @Test
    @Tag("E5")
    void properties_alone_read_keys_values_and_tombstones_in_the_newest_version() throws Exception {
        EvolvingTable table = written("deserializer-newest");
        Properties properties = properties();
        properties.put("cdc.value.reader.schema", "newest");
        List<ConsumerRecord<GenericRecord, GenericRecord>> records = read(table.topic(), properties, 4);

        assertThat(records).extracting(each -> each.key().get("id")).containsExactly(1, 1, 1, 2);
        assertThat(Outcomes.columns(records.get(0).value(), "after")).isEqualTo(Map.of("qty", "7", "state", "new"));
        assertThat(Outcomes.columns(records.get(1).value(), "before")).isEqualTo(Map.of("qty", "7", "state", "new"));
        assertThat(records.get(2).value()).isNull();
        assertThat(Outcomes.columns(records.get(3).value(), "after"))
                .isEqualTo(Map.of("qty", "1099511627776", "state", "sent"));
    }

    @Test
    void a_record_that_does_not_fit_stops_the_consumer_in_front_of_it_with_the_documented_error() throws Exception {
        EvolvingTable table = written("deserializer-pinned");
        Properties properties = properties();
        properties.put("cdc.value.reader.schema", "version:1");
        try (KafkaConsumer<GenericRecord, GenericRecord> consumer = new KafkaConsumer<>(properties)) {
            TopicPartition partition = new TopicPartition(table.topic(), 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 3);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> poll(consumer))
                        .isInstanceOfSatisfying(RecordDeserializationException.class, e -> assertThat(e.offset())
                                .isEqualTo(3))
                        .cause()
                        .isInstanceOf(SerializationException.class)
                        .hasMessageContaining("records of topic " + table.topic() + " written with schema id ")
                        .hasMessageContaining("cannot be read as version 1 of " + table.topic() + "-value (id ")
                        .hasMessageContaining("field before.qty was written as long and is read as int")
                        .cause()
                        .isInstanceOfSatisfying(
                                CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.READER_INCOMPATIBLE));
            }
        }
    }

    @Test
    void the_documentations_example_reads_the_topic() throws Exception {
        EvolvingTable table = written("deserializer-documented");
        Matcher block = Pattern.compile("```java\n(import org.apache.kafka.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "..", "docs", "consumers.md")));
        assertThat(block.find()).as("an example in docs/consumers.md").isTrue();
        String example = block.group(1)
                .replace("kafka:9092", SharedServers.kafka().bootstrapServers())
                .replace("http://registry:8081", SharedServers.registry().url())
                .replace("shop.public.orders", table.topic());
        assertThat(example).contains(table.topic(), SharedServers.registry().url());
        Path sources = Files.createDirectories(work.resolve("sources"));
        Files.writeString(sources.resolve("ReadOrders.java"), example);
        Class<?> type = GeneratedClasses.compile(sources, work.resolve("classes"), "ReadOrders");

        List<String> seen = new ArrayList<>();
        type.getMethod("read", java.util.function.Predicate.class)
                .invoke(null, (java.util.function.Predicate<String>) line -> seen.add(line) && seen.size() < 3);
        assertThat(seen).hasSize(3);
        assertThat(seen.get(0)).isEqualTo("1 c {\"id\": 1, \"qty\": 7, \"state\": \"new\"}");
        assertThat(seen.get(1)).isEqualTo("1 d null");
        assertThat(seen.get(2)).isEqualTo("2 c {\"id\": 2, \"qty\": 1099511627776, \"state\": \"sent\"}");
    }

    /** Created and deleted as the first version, with the tombstone; then created as the second. */
    private static EvolvingTable written(String prefix) throws ExecutionException, InterruptedException {
        EvolvingTable table = new EvolvingTable(prefix, SharedServers.registry().url());
        byte[] one = table.key(FIRST, row(1, int32(7)));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", SharedServers.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (byte[] value :
                    new byte[][] {table.created(FIRST, row(1, int32(7))), table.deleted(FIRST, row(1, int32(7))), null
                    }) {
                producer.send(new ProducerRecord<>(table.topic(), 0, one, value))
                        .get();
            }
            byte[] two = table.key(SECOND, row(2, int64(2), text("")));
            byte[] value = table.created(SECOND, row(2, int64(1L << 40), text("sent")));
            producer.send(new ProducerRecord<>(table.topic(), 0, two, value)).get();
        }
        return table;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", SharedServers.kafka().bootstrapServers());
        properties.put("key.deserializer", ChangeDeserializer.class.getName());
        properties.put("value.deserializer", ChangeDeserializer.class.getName());
        properties.put("schema.registry.url", SharedServers.registry().url());
        properties.put("enable.auto.commit", "false");
        return properties;
    }

    private static List<ConsumerRecord<GenericRecord, GenericRecord>> read(
            String topic, Properties properties, int count) {
        List<ConsumerRecord<GenericRecord, GenericRecord>> records = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (KafkaConsumer<GenericRecord, GenericRecord> consumer = new KafkaConsumer<>(properties)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        assertThat(records).hasSize(count);
        return records;
    }

    private static void poll(KafkaConsumer<?, ?> consumer) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(200));
        }
    }
}
