package io.cdcsystem.sink;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** What a topic of a real broker holds. */
record Topic(String bootstrapServers, String name) {

    /** All committed records, partition by partition, each in its order. */
    List<ConsumerRecord<byte[], byte[]>> records() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrapServers,
                "isolation.level", "read_committed",
                "enable.auto.commit", "false");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(name).stream()
                    .map(info -> new TopicPartition(name, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> read = new HashMap<>();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
                    read.computeIfAbsent(each.partition(), p -> new ArrayList<>())
                            .add(each);
                }
            }
            List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
            read.values().forEach(all::addAll);
            return all;
        }
    }

    /** Values by key, "-" for a tombstone. */
    Map<String, List<String>> valuesByKey() {
        Map<String, List<String>> values = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> each : records()) {
            values.computeIfAbsent(text(each.key()), key -> new ArrayList<>()).add(text(each.value()));
        }
        return values;
    }

    static String text(byte @Nullable [] bytes) {
        return bytes == null ? "-" : new String(bytes, StandardCharsets.UTF_8);
    }

    void produce(List<String> lines) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(), new StringSerializer())) {
            for (String line : lines) {
                sent.add(producer.send(new ProducerRecord<>(name, line)));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
    }

    int partitions() throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrapServers))) {
            return Objects.requireNonNull(admin.describeTopics(Set.of(name))
                            .allTopicNames()
                            .get()
                            .get(name))
                    .partitions()
                    .size();
        }
    }

    String setting(String setting) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrapServers))) {
            return Objects.requireNonNull(
                            admin.describeConfigs(Set.of(resource)).all().get().get(resource))
                    .get(setting)
                    .value();
        }
    }
}
