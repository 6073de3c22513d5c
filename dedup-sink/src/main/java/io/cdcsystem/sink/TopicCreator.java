package io.cdcsystem.sink;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a topic exists before its first record: what a broker creates by itself would have neither our partitions
 * nor our settings, and most brokers are told not to.
 *
 * <p>Belongs to one thread. The admin client lives for one call only, since a serializer is never closed.
 */
public final class TopicCreator {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCreator.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final KafkaSinkConfig config;
    private final Set<String> known = new HashSet<>();

    /** A creator of topics with that configuration. */
    public TopicCreator(KafkaSinkConfig config) {
        this.config = config;
    }

    /** Creates {@code topic} unless it exists; free of charge from the second call on. */
    public void ensure(String topic) {
        if (!known.contains(topic)) {
            ensureAll(Set.of(topic));
        }
    }

    /** Creates those of {@code topics} that do not exist. */
    public void ensureAll(Set<String> topics) {
        try (Admin admin = Admin.create(config.adminProperties(TIMEOUT))) {
            List<NewTopic> wanted = topics.stream()
                    .filter(topic -> !known.contains(topic))
                    .map(this::describe)
                    .toList();
            Map<String, KafkaFuture<Void>> results = admin.createTopics(wanted).values();
            for (Map.Entry<String, KafkaFuture<Void>> result : results.entrySet()) {
                await(admin, result.getKey(), result.getValue());
                new TopicReadiness(admin, config, TIMEOUT).await(result.getKey());
                known.add(result.getKey());
            }
        } catch (KafkaException e) {
            throw KafkaErrors.explain("connecting to Kafka", config, KafkaErrors.causeOf(e));
        }
    }

    private NewTopic describe(String topic) {
        Optional<Short> replicas =
                config.replicationFactor() < 0 ? Optional.empty() : Optional.of(config.replicationFactor());
        return new NewTopic(topic, Optional.of(config.partitions()), replicas).configs(config.topicConfig());
    }

    private void await(Admin admin, String topic, KafkaFuture<Void> creation) {
        try {
            creation.get();
            LOG.info("Created topic {} with {} partitions.", topic, config.partitions());
        } catch (ExecutionException e) {
            Throwable cause = KafkaErrors.causeOf(e);
            boolean there = cause instanceof TopicExistsException
                    || (cause instanceof AuthorizationException && exists(admin, topic));
            if (!there) {
                throw KafkaErrors.explain("creating topic " + topic, config, cause);
            }
        } catch (InterruptedException e) {
            throw interrupted(topic, e);
        }
    }

    /** Who may not create topics may still use those that were created for them. */
    private static boolean exists(Admin admin, String topic) {
        try {
            return admin.describeTopics(Set.of(topic)).allTopicNames().get().containsKey(topic);
        } catch (ExecutionException e) {
            LOG.debug("Topic {} is not there or not to be seen.", topic, e);
            return false;
        } catch (InterruptedException e) {
            throw interrupted(topic, e);
        }
    }

    private static CdcException interrupted(String topic, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new CdcException(
                ErrorCode.KAFKA_UNREACHABLE, "creating topic " + topic + " was interrupted; start again", cause);
    }
}
