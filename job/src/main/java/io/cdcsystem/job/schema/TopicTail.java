package io.cdcsystem.job.schema;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** Reads a topic of one partition from its beginning, and then what has come since. Thread-safe; one reads at a time. */
final class TopicTail implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SchemaTopics topics;
    private final String topic;
    private volatile @Nullable KafkaConsumer<String, String> consumer;
    private boolean assigned;

    TopicTail(SchemaTopics topics, String topic) {
        this.topics = topics;
        this.topic = topic;
    }

    /** What stands behind what was returned before, up to the topic's end as of now; nothing where there is no topic. */
    synchronized List<ConsumerRecord<String, String>> catchUp() {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try {
            KafkaConsumer<String, String> known = consumer;
            KafkaConsumer<String, String> open = known == null ? topics.consumer() : known;
            consumer = open;
            if (!assigned && !assign(open)) {
                return records;
            }
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            Map<TopicPartition, Long> ends = open.endOffsets(open.assignment());
            for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
                while (open.position(end.getKey()) < end.getValue()) {
                    if (System.nanoTime() - deadline > 0) {
                        throw new TimeoutException("not at the end within " + PATIENCE.toSeconds() + " s");
                    }
                    open.poll(POLL).forEach(records::add);
                }
            }
            return records;
        } catch (WakeupException e) {
            throw topics.failed("reading topic " + topic, new TimeoutException("it was closed meanwhile"));
        } catch (KafkaException e) {
            // What was read above would be missing the next time.
            release();
            throw topics.failed("reading topic " + topic, e);
        }
    }

    private boolean assign(KafkaConsumer<String, String> open) {
        List<PartitionInfo> partitions = open.partitionsFor(topic);
        if (partitions == null || partitions.isEmpty()) {
            return false;
        }
        if (partitions.size() > 1) {
            throw new KafkaException("it has " + partitions.size()
                    + " partitions, so that its records would lose their order; create it with one");
        }
        List<TopicPartition> all = List.of(new TopicPartition(topic, 0));
        open.assign(all);
        open.seekToBeginning(all);
        assigned = true;
        return true;
    }

    private void release() {
        KafkaConsumer<String, String> open = consumer;
        consumer = null;
        assigned = false;
        if (open != null) {
            open.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    /** Also while another thread reads, which ends then. */
    @Override
    public void close() {
        KafkaConsumer<String, String> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        synchronized (this) {
            release();
        }
    }
}
