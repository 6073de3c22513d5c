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
    private final Duration patience;
    /** Read, but not returned yet: a call that ran out of time leaves them to the next. */
    private final List<ConsumerRecord<String, String>> read = new ArrayList<>();

    private volatile @Nullable KafkaConsumer<String, String> consumer;
    private boolean assigned;

    TopicTail(SchemaTopics topics, String topic) {
        this(topics, topic, PATIENCE);
    }

    /** A tail whose calls read for about that long, and at least once. */
    TopicTail(SchemaTopics topics, String topic, Duration patience) {
        this.topics = topics;
        this.topic = topic;
        this.patience = patience;
    }

    /**
     * What stands behind what was returned before, up to the topic's end as of now; nothing where there is no topic. Where
     * that takes too long, the next call goes on from there.
     */
    synchronized List<ConsumerRecord<String, String>> catchUp() {
        try {
            KafkaConsumer<String, String> known = consumer;
            KafkaConsumer<String, String> open = known == null ? topics.consumer() : known;
            consumer = open;
            if (assigned || assign(open)) {
                readToEnd(open);
            }
        } catch (WakeupException e) {
            throw topics.failed("reading topic " + topic, new TimeoutException("it was closed meanwhile"));
        } catch (TimeoutException e) {
            // The consumer stands behind the last record that it gave.
            throw topics.failed("reading topic " + topic, e);
        } catch (KafkaException e) {
            release();
            throw topics.failed("reading topic " + topic, e);
        }
        List<ConsumerRecord<String, String>> records = List.copyOf(read);
        read.clear();
        return records;
    }

    private void readToEnd(KafkaConsumer<String, String> open) {
        long deadline = System.nanoTime() + patience.toNanos();
        Map<TopicPartition, Long> ends = open.endOffsets(open.assignment());
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            while (open.position(end.getKey()) < end.getValue()) {
                open.poll(POLL).forEach(read::add);
                if (System.nanoTime() - deadline > 0 && open.position(end.getKey()) < end.getValue()) {
                    throw new TimeoutException("not at the end within " + patience.toSeconds() + " s");
                }
            }
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
        // The next consumer begins at the beginning.
        read.clear();
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
