package io.cdcsystem.testbed.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from their beginning with a plain consumer; each partition's records come in order. */
public final class TopicReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Function<byte[], JsonNode> decode;

    /**
     * A reader of its own offsets.
     *
     * @param bootstrapServers the brokers
     * @param committedOnly whether to read as {@code read_committed}
     * @param decode turns a key's or value's bytes into JSON form; {@link #json} for JSON topics
     */
    public TopicReader(String bootstrapServers, boolean committedOnly, Function<byte[], JsonNode> decode) {
        this.decode = decode;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        committedOnly ? "read_committed" : "read_uncommitted",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Decoder of JSON topics. */
    public static JsonNode json(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException malformed) {
            throw new UncheckedIOException(new String(bytes, StandardCharsets.UTF_8), malformed);
        }
    }

    /**
     * Assigns all partitions of the topics that exist by now and have not been assigned, from their beginning; others go on
     * where they stood.
     */
    public void follow(Collection<String> topics) {
        Map<TopicPartition, Boolean> known = new HashMap<>();
        consumer.assignment().forEach(partition -> known.put(partition, true));
        List<TopicPartition> all = consumer.listTopics().entrySet().stream()
                .filter(topic -> topics.contains(topic.getKey()))
                .flatMap(topic -> topic.getValue().stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (known.size() < all.size()) {
            consumer.assign(all);
            consumer.seekToBeginning(all.stream()
                    .filter(partition -> !known.containsKey(partition))
                    .toList());
        }
    }

    /** Hands over what arrives within {@code wait}; returns how many records that were. */
    public int poll(Duration wait, Consumer<TopicEvent> handler) {
        if (consumer.assignment().isEmpty()) {
            return 0;
        }
        int count = 0;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
            handler.accept(event(record));
            count++;
        }
        return count;
    }

    /** Reads everything up to the ends that the partitions have as of now. */
    public void readToEnd(Collection<String> topics, Consumer<TopicEvent> handler) {
        follow(topics);
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll(Duration.ofMillis(200), handler);
        }
    }

    /** How many offsets the topics' partitions have, markers of transactions included; reads no record. */
    public long count(Collection<String> topics) {
        follow(topics);
        return consumer.endOffsets(consumer.assignment()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private TopicEvent event(ConsumerRecord<byte[], byte[]> record) {
        Header position = record.headers().lastHeader("cdc.position");
        return new TopicEvent(
                record.topic(),
                record.key() == null ? null : decode.apply(record.key()),
                record.value() == null ? null : decode.apply(record.value()),
                position == null ? "" : new String(position.value(), StandardCharsets.UTF_8),
                System.currentTimeMillis());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
