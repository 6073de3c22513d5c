package io.cdcsystem.sink;

import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * Where and how records go to Kafka. Printing it shows no secrets.
 *
 * @param bootstrapServers host:port, comma separated
 * @param deliveryGuarantee AT_LEAST_ONCE or EXACTLY_ONCE
 * @param transactionalIdPrefix begins every transactional id; unique per pipeline, required for EXACTLY_ONCE
 * @param transactionTimeout how long the broker lets a transaction be open: longer than the checkpoint interval plus the
 *     longest downtime, not longer than the broker's {@code transaction.max.timeout.ms} (15 minutes by default)
 * @param partitions partitions of topics that we create
 * @param replicationFactor replicas of topics that we create, -1 for the broker's default
 * @param topicConfig settings of topics that we create; what is not named (the clean-up policy too) is the broker's
 * @param properties settings of the Kafka clients, security among them; they win over our defaults
 * @param contextHeaders Debezium's context headers, null to leave them out
 */
public record KafkaSinkConfig(
        String bootstrapServers,
        DeliveryGuarantee deliveryGuarantee,
        @Nullable String transactionalIdPrefix,
        Duration transactionTimeout,
        int partitions,
        short replicationFactor,
        Map<String, String> topicConfig,
        Map<String, String> properties,
        @Nullable ContextHeaders contextHeaders)
        implements Serializable {
    /** As much as the producer's whole buffer. */
    private static final int REQUEST_BYTES_MAX = 32 * 1024 * 1024;

    private static final Pattern SECRET = Pattern.compile(
            "(?i).*(password|passwd|passphrase|secret|jaas|token|credential|private|keystore\\.key|user\\.info).*");
    private static final short BROKER_DEFAULT = -1;
    private static final Duration BRIDGED_OUTAGE = Duration.ofMinutes(5);

    /** Rejects what cannot deliver. */
    public KafkaSinkConfig {
        if (bootstrapServers.isBlank()) {
            throw new IllegalArgumentException("bootstrap servers are required");
        }
        if (Objects.requireNonNull(deliveryGuarantee, "deliveryGuarantee") == DeliveryGuarantee.NONE) {
            throw new IllegalArgumentException("delivery guarantee none loses events: at-least-once or exactly-once");
        }
        if (deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE
                && (transactionalIdPrefix == null || transactionalIdPrefix.isBlank())) {
            throw new IllegalArgumentException("exactly-once needs a transactional id prefix of the pipeline's own");
        }
        if (transactionTimeout.toMillis() <= 0 || transactionTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("transaction timeout " + transactionTimeout + " is out of range");
        }
        if (partitions < 1) {
            throw new IllegalArgumentException("a topic needs a partition, not " + partitions);
        }
        if (replicationFactor < 1 && replicationFactor != BROKER_DEFAULT) {
            throw new IllegalArgumentException(
                    "replication factor " + replicationFactor + " is neither positive nor -1");
        }
        topicConfig = Map.copyOf(topicConfig);
        properties = Map.copyOf(properties);
    }

    /** At least once, topics of 4 partitions and the broker's replication factor, no context headers. */
    public static Builder builder(String bootstrapServers) {
        return new Builder(bootstrapServers);
    }

    /** Whether records go in transactions. */
    public boolean exactlyOnce() {
        return deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE;
    }

    /** The producer's settings: ours for throughput and safety, then the configured ones. */
    Properties producerProperties() {
        Properties all = new Properties();
        all.setProperty(ProducerConfig.ACKS_CONFIG, "all");
        all.setProperty(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        all.setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        all.setProperty(ProducerConfig.LINGER_MS_CONFIG, "5");
        all.setProperty(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(256 * 1024));
        all.setProperty(ProducerConfig.BUFFER_MEMORY_CONFIG, String.valueOf(64 * 1024 * 1024));
        // A broker that is away for minutes means backpressure, not a restart of the job.
        String bridged = String.valueOf(BRIDGED_OUTAGE.toMillis());
        all.setProperty(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, bridged);
        // The topic's own limit decides, not the client's 1 MB, which is held against the uncompressed record.
        all.setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(REQUEST_BYTES_MAX));
        all.setProperty(ProducerConfig.MAX_BLOCK_MS_CONFIG, bridged);
        all.putAll(properties);
        all.setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, String.valueOf(transactionTimeout.toMillis()));
        return all;
    }

    /** The admin client's settings: those of {@link #properties()} that it knows, with a time limit for every call. */
    Map<String, Object> adminProperties(Duration timeout) {
        Map<String, Object> all = new HashMap<>();
        properties.forEach((name, value) -> {
            if (AdminClientConfig.configNames().contains(name)) {
                all.put(name, value);
            }
        });
        // Interceptors and metrics of a producer do not fit an admin client.
        all.remove(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG);
        int millis = Math.toIntExact(timeout.toMillis());
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        return all;
    }

    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>(properties);
        shown.replaceAll((name, value) -> SECRET.matcher(name).matches() ? "***" : value);
        return "KafkaSinkConfig[" + bootstrapServers + ", " + deliveryGuarantee + ", transactionalIdPrefix="
                + transactionalIdPrefix + ", transactionTimeout=" + transactionTimeout + ", partitions=" + partitions
                + ", replicationFactor=" + replicationFactor + ", topicConfig=" + new TreeMap<>(topicConfig)
                + ", properties=" + shown + ", contextHeaders=" + contextHeaders + "]";
    }

    /** Collects the parts of a configuration. */
    public static final class Builder {
        private final String bootstrapServers;
        private DeliveryGuarantee deliveryGuarantee = DeliveryGuarantee.AT_LEAST_ONCE;
        private @Nullable String transactionalIdPrefix;
        private Duration transactionTimeout = Duration.ofMinutes(15);
        private int partitions = 4;
        private short replicationFactor = BROKER_DEFAULT;
        private Map<String, String> topicConfig = Map.of();
        private Map<String, String> properties = Map.of();
        private @Nullable ContextHeaders contextHeaders;

        private Builder(String bootstrapServers) {
            this.bootstrapServers = bootstrapServers;
        }

        /** Transactions under ids that begin with {@code transactionalIdPrefix}. */
        public Builder exactlyOnce(String prefix) {
            deliveryGuarantee = DeliveryGuarantee.EXACTLY_ONCE;
            transactionalIdPrefix = prefix;
            return this;
        }

        /** How long a transaction may be open. */
        public Builder transactionTimeout(Duration timeout) {
            transactionTimeout = timeout;
            return this;
        }

        /** Partitions of new topics. */
        public Builder partitions(int count) {
            partitions = count;
            return this;
        }

        /** Replicas of new topics; -1 for the broker's default. */
        public Builder replicationFactor(int factor) {
            if (factor != (short) factor) {
                throw new IllegalArgumentException("replication factor " + factor + " is out of range");
            }
            replicationFactor = (short) factor;
            return this;
        }

        /** Settings of new topics. */
        public Builder topicConfig(Map<String, String> settings) {
            topicConfig = settings;
            return this;
        }

        /** Settings of the Kafka clients. */
        public Builder properties(Map<String, String> settings) {
            properties = settings;
            return this;
        }

        /** Debezium's context headers. */
        public Builder contextHeaders(@Nullable ContextHeaders headers) {
            contextHeaders = headers;
            return this;
        }

        /** The configuration. */
        public KafkaSinkConfig build() {
            return new KafkaSinkConfig(
                    bootstrapServers,
                    deliveryGuarantee,
                    transactionalIdPrefix,
                    transactionTimeout,
                    partitions,
                    replicationFactor,
                    topicConfig,
                    properties,
                    contextHeaders);
        }
    }
}
