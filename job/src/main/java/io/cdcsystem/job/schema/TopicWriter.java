package io.cdcsystem.job.schema;

import io.cdcsystem.sink.TopicCreator;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Writes records one by one to a topic that it creates, each until all replicas have it. Thread-safe. */
final class TopicWriter implements AutoCloseable {
    private final SchemaTopics topics;
    private final TopicCreator creator;
    private final String topic;
    private @Nullable KafkaProducer<String, String> producer;

    TopicWriter(SchemaTopics topics, String topic) {
        this.topics = topics;
        this.creator = topics.creator();
        this.topic = topic;
    }

    /** The record's offset, once it stands there for good. */
    synchronized long write(String key, String value) {
        SchemaTopics.ensure(creator, topic);
        try {
            KafkaProducer<String, String> open = producer == null ? topics.producer() : producer;
            producer = open;
            RecordMetadata written =
                    open.send(new ProducerRecord<>(topic, 0, key, value)).get();
            return written.offset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw topics.failed("writing to topic " + topic, e);
        } catch (ExecutionException e) {
            // A producer whose send failed may refuse all that follow.
            close();
            throw topics.failed("writing to topic " + topic, e.getCause() == null ? e : e.getCause());
        } catch (KafkaException e) {
            close();
            throw topics.failed("writing to topic " + topic, e);
        }
    }

    @Override
    public synchronized void close() {
        KafkaProducer<String, String> open = producer;
        if (open != null) {
            producer = null;
            open.close(Duration.ZERO);
        }
    }
}
