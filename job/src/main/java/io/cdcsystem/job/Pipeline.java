package io.cdcsystem.job;

import io.cdcsystem.dedup.DedupConfig;
import io.cdcsystem.dedup.DedupOperator;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.job.config.PipelineConfig.Delivery;
import io.cdcsystem.job.config.PipelineConfig.FormatType;
import io.cdcsystem.job.schema.KafkaSchemaAuthorityConfig;
import io.cdcsystem.job.schema.SchemaTopics;
import io.cdcsystem.job.signal.KafkaSignalChannelConfig;
import io.cdcsystem.schema.codec.RecordFormat;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.serde.KeyedEventTypeInfo;
import io.cdcsystem.schema.event.serde.SourceEventTypeInfo;
import io.cdcsystem.schema.evolution.SchemaOperator;
import io.cdcsystem.schema.evolution.SchemaOperatorConfig;
import io.cdcsystem.sink.ContextHeaders;
import io.cdcsystem.sink.KafkaChangeSink;
import io.cdcsystem.sink.KafkaSinkConfig;
import io.cdcsystem.source.CdcSource;
import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.SourceConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** The topology: source, schema operator chained to it, keyed deduplication, Kafka sink. Pure definition, runs nothing. */
public final class Pipeline {
    /** The source's uid: its state is found again by it. */
    public static final String SOURCE_UID = "cdc-source";
    /** The schema operator's uid. */
    public static final String SCHEMA_UID = "cdc-schema";

    private static final Pattern SECURITY = Pattern.compile("(security|sasl|ssl)\\.");
    private static final Duration BUFFER_TIMEOUT = Duration.ofMillis(5);

    private Pipeline() {}

    /** Adds the pipeline to the environment. Uids never change: savepoints find their state by them. */
    public static void define(StreamExecutionEnvironment environment, PipelineConfig config) {
        define(environment, config, config.execution().bounded() ? LogEnd.FINISH : LogEnd.NEVER);
    }

    /** The same, by a caller that decides itself what happens at the end of the log. */
    public static void define(StreamExecutionEnvironment environment, PipelineConfig config, LogEnd logEnd) {
        Configuration options = new Configuration();
        options.set(PipelineOptions.NAME, config.name());
        options.set(PipelineOptions.GENERIC_TYPES, false);
        options.set(PipelineOptions.OBJECT_REUSE, true);
        // Flink's 100 ms would be most of the time from commit to topic.
        options.set(ExecutionOptions.BUFFER_TIMEOUT, BUFFER_TIMEOUT);
        // A completed checkpoint has to mean that every row before it has passed deduplication: the log begins, and
        // vanished rows are swept, behind it.
        options.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
        environment.configure(options);
        environment.setParallelism(config.execution().parallelism());
        // Stated, so that it is the same for all operators: a sweep reaches every key group of another operator.
        environment.setMaxParallelism(config.execution().maxParallelism());

        DataStream<SourceEvent> changes = environment
                .fromSource(
                        new CdcSource(source(config, logEnd)),
                        WatermarkStrategy.noWatermarks(),
                        SOURCE_UID,
                        new SourceEventTypeInfo())
                .uid(SOURCE_UID);
        DataStream<KeyedEvent> encoded = changes.transform(
                        SCHEMA_UID, new KeyedEventTypeInfo(), new SchemaOperator(schema(config)))
                .uid(SCHEMA_UID);
        DedupOperator.attach(encoded, dedup(config))
                .sinkTo(KafkaChangeSink.create(sink(config)))
                .name(KafkaChangeSink.UID)
                .uid(KafkaChangeSink.UID);
    }

    private static SourceConfig source(PipelineConfig config, LogEnd logEnd) {
        boolean transactional = config.sink().delivery() == Delivery.EXACTLY_ONCE;
        return new SourceConfig(
                config.source(),
                config.snapshot(),
                logEnd,
                transactional ? ConfirmAt.NEXT_COMPLETION : ConfirmAt.COMPLETION,
                SourceConfig.BATCH_BYTES_MAX,
                signals(config),
                new SchemaGateConfig(
                        authority(config),
                        config.schema().pauseScope(),
                        config.schema().backlogBytesMax()));
    }

    private static KafkaSchemaAuthorityConfig authority(PipelineConfig config) {
        boolean avro = config.format().type() == FormatType.DEBEZIUM_AVRO;
        PipelineConfig.Registry registry = avro ? config.registry() : null;
        return new KafkaSchemaAuthorityConfig(
                envelope(config),
                registry == null ? null : registry.client(registry.urls()),
                config.schema().policies(),
                schemaTopics(config));
    }

    /** Where notices and decisions stand; also what the schema commands read and write. */
    public static SchemaTopics schemaTopics(PipelineConfig config) {
        return new SchemaTopics(sink(config), config.sink().topicPrefix());
    }

    /** The signal topic; null where none is configured. Also where a command sends signals. */
    public static @Nullable KafkaSignalChannelConfig signals(PipelineConfig config) {
        PipelineConfig.Signals signals = config.signal();
        String topic = signals.kafkaTopic();
        if (topic == null) {
            return null;
        }
        Map<String, String> properties = new HashMap<>();
        if (signals.kafkaBootstrapServers().equals(config.sink().bootstrapServers())) {
            // The same cluster asks for the same credentials.
            config.sink().producer().forEach((key, value) -> {
                if (SECURITY.matcher(key).lookingAt()) {
                    properties.put(key, value);
                }
            });
        }
        properties.putAll(signals.consumer());
        return new KafkaSignalChannelConfig(
                signals.kafkaBootstrapServers(), topic, config.sink().topicPrefix(), properties);
    }

    private static SchemaOperatorConfig schema(PipelineConfig config) {
        PipelineConfig.Format format = config.format();
        return new SchemaOperatorConfig(
                envelope(config),
                format.type() == FormatType.DEBEZIUM_AVRO ? RecordFormat.DEBEZIUM_AVRO : RecordFormat.DEBEZIUM_JSON,
                format.skippedOperations());
    }

    private static EnvelopeConfig envelope(PipelineConfig config) {
        PipelineConfig.Format format = config.format();
        return new EnvelopeConfig(
                config.sink().topicPrefix(),
                config.source().connectorName(),
                format.sourceVersion(),
                format.schemasEnable(),
                format.unavailablePlaceholder());
    }

    private static DedupConfig dedup(PipelineConfig config) {
        return new DedupConfig(
                config.dedup().enabled(),
                config.dedup().retention(),
                config.sink().tombstonesOnDelete());
    }

    /** The sink's part of the configuration; also what a check of Kafka looks at. */
    public static KafkaSinkConfig sink(PipelineConfig config) {
        PipelineConfig.Sink sink = config.sink();
        KafkaSinkConfig.Builder builder = KafkaSinkConfig.builder(sink.bootstrapServers())
                .transactionTimeout(sink.transactionTimeout())
                .partitions(sink.topics().partitions())
                .replicationFactor(sink.topics().replicationFactor())
                .topicConfig(sink.topics().config())
                .properties(sink.producer());
        if (sink.extendedHeaders()) {
            builder.contextHeaders(
                    ContextHeaders.of(sink.topicPrefix(), config.source().connectorName()));
        }
        if (sink.delivery() == Delivery.EXACTLY_ONCE) {
            builder.exactlyOnce(sink.transactionalIdPrefix());
        }
        return builder.build();
    }
}
