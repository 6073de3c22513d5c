package io.cdcsystem.job.schema;

import io.cdcsystem.sink.TopicCreator;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Writes records one by one to a topic that it creates, each until all replicas have it. With a transactional id, only who
 * opened last can write: an earlier one fails, and has written nothing. Thread-safe.
 */
final class TopicWriter implements AutoCloseable {
    private final SchemaTopics topics;
    private final TopicCreator creator;
    private final String topic;
    private final @Nullable String transactionalId;
    private @Nullable KafkaProducer<String, String> producer;

    /** A writer among others. */
    TopicWriter(SchemaTopics topics, String topic) {
        this(topics, topic, null);
    }

    /** The only writer under that id, from {@link #open} on until somebody else opens one. */
    TopicWriter(SchemaTopics topics, String topic, @Nullable String transactionalId) {
        this.topics = topics;
        this.creator = topics.creator();
        this.topic = topic;
        this.transactionalId = transactionalId;
    }

    /** Creates the topic and connects, unless that is done; what earlier writers under the id wrote is decided then. */
    synchronized void open() {
        SchemaTopics.ensure(creator, topic);
        if (producer != null) {
            return;
        }
        try {
            KafkaProducer<String, String> opened = topics.producer(transactionalId);
            producer = opened;
            if (transactionalId != null) {
                opened.initTransactions();
            }
        } catch (KafkaException e) {
            close();
            throw topics.failed("opening topic " + topic + " for writing", e);
        }
    }

    /** The record's offset, once it stands there for good. */
    synchronized long write(String key, String value) {
        open();
        KafkaProducer<String, String> opened = Objects.requireNonNull(producer);
        try {
            if (transactionalId != null) {
                opened.beginTransaction();
            }
            RecordMetadata written =
                    opened.send(new ProducerRecord<>(topic, 0, key, value)).get();
            if (transactionalId != null) {
                opened.commitTransaction();
            }
            return written.offset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(e);
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    /** A producer that failed may refuse all that follows. */
    private RuntimeException failed(Throwable error) {
        close();
        return topics.failed("writing to topic " + topic, error);
    }

    @Override
    public synchronized void close() {
        KafkaProducer<String, String> opened = producer;
        if (opened != null) {
            producer = null;
            opened.close(Duration.ZERO);
        }
    }
}
