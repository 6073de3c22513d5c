package io.cdcsystem.job.schema;

import io.cdcsystem.schema.envelope.TopicNames;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.sink.KafkaSinkConfig;
import io.cdcsystem.sink.TopicCreator;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The two topics of a pipeline's schemas, on the sink's cluster and with its clients' settings: each of one partition, so
 * that its order is one, and kept for ever.
 *
 * @param sink the sink's settings
 * @param prefix the topics' prefix
 */
public record SchemaTopics(KafkaSinkConfig sink, String prefix) implements Serializable {
    private static final Map<String, String> KEPT_FOR_EVER =
            Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Of a producer; a consumer would not find the class to be one of its own. */
    private static final Set<String> NOT_SHARED = Set.of("interceptor.classes", "transactional.id");

    /** Rejects missing parts. */
    public SchemaTopics {
        Objects.requireNonNull(sink, "sink");
        Objects.requireNonNull(prefix, "prefix");
    }

    /** Where notices stand. */
    public String changes() {
        return TopicNames.schemaChanges(prefix);
    }

    /** Where decisions stand. */
    public String decisions() {
        return TopicNames.schemaDecisions(prefix);
    }

    /** Creates these topics where they do not exist. */
    TopicCreator creator() {
        return new TopicCreator(KafkaSinkConfig.builder(sink.bootstrapServers())
                .partitions(1)
                .replicationFactor(sink.replicationFactor())
                .topicConfig(KEPT_FOR_EVER)
                .properties(sink.properties())
                .build());
    }

    /** Creates a topic unless it exists; free of charge from the second call on. */
    static void ensure(TopicCreator creator, String topic) {
        withOwnClasses(() -> {
            creator.ensure(topic);
            return topic;
        });
    }

    /**
     * Under what notices are written, so that a run that ends cannot write any behind the start of the next; null without
     * transactions, where both may say the same.
     */
    @Nullable
    String changesTransactionalId() {
        return sink.exactlyOnce() ? sink.transactionalIdPrefix() + "-schema-changes" : null;
    }

    /** A producer whose sends are done within half a minute, one way or the other; of transactions where it has an id. */
    KafkaProducer<String, String> producer(@Nullable String transactionalId) {
        Map<String, Object> settings = settings(ProducerConfig.configNames());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(PATIENCE.toMillis()));
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(2 * PATIENCE.toMillis()));
        if (transactionalId != null) {
            settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
            settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(3 * PATIENCE.toMillis()));
        }
        return withOwnClasses(() -> new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer()));
    }

    /** A consumer without a group, of what is committed. */
    KafkaConsumer<String, String> consumer() {
        Map<String, Object> settings = settings(ConsumerConfig.configNames());
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(PATIENCE.toMillis()));
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(PATIENCE.toMillis()));
        return withOwnClasses(() -> new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer()));
    }

    /** What went wrong while doing {@code what}, by who can mend it. */
    CdcException failed(String what, Throwable error) {
        boolean passing =
                ExceptionUtils.findThrowable(error, SchemaTopics::isPassing).isPresent();
        String reason = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        String id = changesTransactionalId();
        String remedy = error instanceof AuthorizationException
                ? "let the principal Describe, Create, Read and Write topics " + changes() + " and " + decisions()
                        + (id == null ? "" : ", and Describe and Write transactional id " + id)
                : "check that the brokers run, and sink.producer's security settings";
        return new CdcException(
                passing ? ErrorCode.KAFKA_UNREACHABLE : ErrorCode.KAFKA_UNUSABLE,
                what + " at " + sink.bootstrapServers() + " failed: " + reason + "; " + remedy,
                error);
    }

    /** A writer that was fenced by another comes in again, and sees what that one wrote. */
    private static boolean isPassing(Throwable error) {
        return error instanceof RetriableException
                || error instanceof TimeoutException
                || error instanceof java.util.concurrent.TimeoutException
                || error instanceof ProducerFencedException
                || error instanceof InvalidProducerEpochException
                || error instanceof InterruptedException
                || error instanceof org.apache.kafka.common.errors.InterruptException;
    }

    private Map<String, Object> settings(Set<String> known) {
        Map<String, Object> settings = new HashMap<>(sink.properties());
        settings.keySet().retainAll(known);
        settings.keySet().removeAll(NOT_SHARED);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, sink.bootstrapServers());
        return settings;
    }

    /** Kafka loads its parts by name through the thread, which in a cluster knows nothing of the job's jar. */
    private static <T> T withOwnClasses(Supplier<T> made) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(SchemaTopics.class.getClassLoader());
        try {
            return made.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
