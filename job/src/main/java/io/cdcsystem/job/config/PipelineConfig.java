package io.cdcsystem.job.config;

import io.cdcsystem.job.schema.TablePolicies;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.TlsConfig;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.postgres.PostgresConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline file, checked. Each key is described in {@code docs/configuration.md}.
 *
 * @param name {@code name}: the pipeline's name; names the Flink job, and the defaults of slot, publication and topics
 * @param source {@code source}: the database and what of it is captured
 * @param snapshot {@code snapshot}: how existing rows are read
 * @param format {@code format}: how events are written
 * @param registry {@code registry}: the schema registry; null where the format needs none and none is given
 * @param schema {@code schema}: how changes of tables' definitions are judged
 * @param sink {@code sink}: the Kafka cluster and its topics
 * @param signal {@code signal}: how the running pipeline is told what to do
 * @param dedup {@code dedup}: keyed deduplication before the sink
 * @param execution {@code pipeline}: how the Flink job runs
 */
public record PipelineConfig(
        String name,
        PostgresConfig source,
        SnapshotConfig snapshot,
        Format format,
        @Nullable Registry registry,
        Schema schema,
        Sink sink,
        Signals signal,
        Dedup dedup,
        Execution execution) {

    /** How an event is written. */
    public enum FormatType {
        /** Debezium's envelope as JSON. */
        DEBEZIUM_JSON,
        /** Debezium's envelope as Avro in the Confluent wire format. */
        DEBEZIUM_AVRO
    }

    /**
     * How events are written.
     *
     * @param type {@code format.type}
     * @param schemasEnable {@code format.schemas-enable}: JSON carries its Connect schema in every message
     * @param skippedOperations {@code format.skipped.operations}: operations that are not published
     * @param sourceVersion {@code format.source.version}: the envelope's {@code source.version}
     * @param unavailablePlaceholder {@code format.unavailable.value.placeholder}: stands for values the log left out
     */
    public record Format(
            FormatType type,
            boolean schemasEnable,
            Set<Op> skippedOperations,
            String sourceVersion,
            String unavailablePlaceholder) {
        /** Copies the set. */
        public Format {
            skippedOperations = Set.copyOf(skippedOperations);
        }
    }

    /**
     * The schema registry.
     *
     * @param urls {@code registry.url}: base URLs, tried in turn
     * @param username {@code registry.username}: for basic authentication
     * @param password {@code registry.password}: never printed
     * @param cacheTtl {@code registry.cache-ttl}: how long answers are reused
     * @param tls {@code registry.ssl.…}: whom to believe and as whom to come; null for Java's own trust
     */
    public record Registry(
            List<String> urls,
            @Nullable String username,
            @Nullable String password,
            Duration cacheTtl,
            @Nullable TlsConfig tls) {
        /** Copies the list. */
        public Registry {
            urls = List.copyOf(urls);
        }

        /** What a client of these urls needs. */
        public RegistryConfig client(List<String> some) {
            boolean secure = some.stream().anyMatch(url -> url.startsWith("https:"));
            return new RegistryConfig(some, username, password, cacheTtl, secure ? tls : null);
        }

        /** Without credentials. */
        @Override
        public String toString() {
            return "Registry[" + urls.size() + " url(s), cache " + cacheTtl + "]";
        }
    }

    /**
     * How changes of tables' definitions are judged.
     *
     * @param policies {@code schema.compatibility}, {@code schema.on-breaking-change} and {@code schema.overrides}
     * @param pauseScope {@code schema.pause.scope}: what waits for a decision
     * @param backlogBytesMax {@code schema.pause.backlog-max}: how much of what waits is kept in memory
     */
    public record Schema(TablePolicies policies, SchemaGateConfig.Scope pauseScope, long backlogBytesMax) {}

    /** What a consumer may see after a failure. */
    public enum Delivery {
        /** Every change, some more than once. */
        AT_LEAST_ONCE,
        /** With read-committed consumers: every change once, in Kafka transactions per checkpoint. */
        EXACTLY_ONCE
    }

    /**
     * The Kafka cluster and its topics.
     *
     * @param bootstrapServers {@code sink.bootstrap.servers}
     * @param topicPrefix {@code sink.topic.prefix}: topics are {@code <prefix>.<schema>.<table>}
     * @param delivery {@code sink.delivery-guarantee}
     * @param transactionalIdPrefix {@code sink.transactional-id-prefix}: unique per pipeline on a Kafka cluster
     * @param transactionTimeout {@code sink.transaction-timeout}: how long Kafka keeps an open transaction
     * @param topics {@code sink.topic}: how missing topics are created
     * @param producer {@code sink.producer}: properties for the Kafka producer; values are never printed
     * @param tombstonesOnDelete {@code sink.tombstones.on.delete}: a delete is followed by a tombstone
     * @param extendedHeaders {@code sink.extended.headers.enabled}: Debezium's context headers on every message
     */
    public record Sink(
            String bootstrapServers,
            String topicPrefix,
            Delivery delivery,
            String transactionalIdPrefix,
            Duration transactionTimeout,
            Topics topics,
            Map<String, String> producer,
            boolean tombstonesOnDelete,
            boolean extendedHeaders) {
        /** Copies the map. */
        public Sink {
            producer = Map.copyOf(producer);
        }

        /** Without the producer's values, which hold credentials. */
        @Override
        public String toString() {
            return "Sink[" + bootstrapServers + ", prefix " + topicPrefix + ", " + delivery + ", producer keys "
                    + producer.keySet() + "]";
        }
    }

    /**
     * How missing topics are created.
     *
     * @param partitions {@code sink.topic.partitions}
     * @param replicationFactor {@code sink.topic.replication-factor}: -1 leaves it to the broker
     * @param config {@code sink.topic.config}: further topic settings
     */
    public record Topics(int partitions, int replicationFactor, Map<String, String> config) {
        /** Copies the map. */
        public Topics {
            config = Map.copyOf(config);
        }
    }

    /**
     * How the running pipeline is told what to do, besides logical messages, which need no setting. The signal table,
     * {@code signal.data.collection}, belongs to the source.
     *
     * @param kafkaTopic {@code signal.kafka.topic}: the topic of one partition that brings signals; null for none
     * @param kafkaBootstrapServers {@code signal.kafka.bootstrap.servers}: its cluster
     * @param consumer {@code signal.consumer}: properties for its clients; values are never printed
     */
    public record Signals(@Nullable String kafkaTopic, String kafkaBootstrapServers, Map<String, String> consumer) {
        /** Copies the map. */
        public Signals {
            consumer = Map.copyOf(consumer);
        }

        /** Without the consumer's values, which hold credentials. */
        @Override
        public String toString() {
            return "Signals[" + kafkaTopic + " at " + kafkaBootstrapServers + ", consumer keys " + consumer.keySet()
                    + "]";
        }
    }

    /**
     * Keyed deduplication before the sink.
     *
     * @param enabled {@code dedup.enabled}
     * @param retention {@code dedup.retention}: how long the state of a key outlives its last change
     */
    public record Dedup(boolean enabled, Duration retention) {}

    /**
     * How the Flink job runs.
     *
     * @param parallelism {@code pipeline.parallelism}
     * @param maxParallelism {@code pipeline.max-parallelism}: what state is divided into, for good
     * @param checkpointInterval {@code pipeline.checkpoint-interval}
     * @param bounded {@code pipeline.bounded}: stop at the log's end as of this run's start
     */
    public record Execution(int parallelism, int maxParallelism, Duration checkpointInterval, boolean bounded) {}

    /** The same pipeline at another parallelism. */
    public PipelineConfig withParallelism(int parallelism) {
        return withExecution(new Execution(
                parallelism,
                Math.max(parallelism, execution.maxParallelism()),
                execution.checkpointInterval(),
                execution.bounded()));
    }

    /** The same pipeline, stopping at the log's end as of the start, or not. */
    public PipelineConfig withBounded(boolean bounded) {
        return withExecution(new Execution(
                execution.parallelism(), execution.maxParallelism(), execution.checkpointInterval(), bounded));
    }

    private PipelineConfig withExecution(Execution changed) {
        return new PipelineConfig(name, source, snapshot, format, registry, schema, sink, signal, dedup, changed);
    }
}
