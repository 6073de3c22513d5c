package io.cdcsystem.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.dedup.DedupConfig;
import io.cdcsystem.dedup.DedupOperator;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.serde.KeyedEventTypeInfo;
import io.cdcsystem.testbed.SharedServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("L4")
@Tag("L5")
class DedupToKafkaIT {
    private static final String BROKER = SharedServers.kafka().bootstrapServers();
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final String prefix = "it-" + UUID.randomUUID();
    private final Topic orders = new Topic(BROKER, prefix + ".public.orders");
    private final Topic input = new Topic(BROKER, prefix + ".input");

    @TempDir
    private Path savepoints;

    private KafkaSinkConfig.Builder config(DeliveryGuarantee guarantee) {
        KafkaSinkConfig.Builder builder = KafkaSinkConfig.builder(BROKER)
                .partitions(3)
                .topicConfig(Map.of("cleanup.policy", "compact"))
                .contextHeaders(ContextHeaders.of("shop", "postgresql"));
        return guarantee == DeliveryGuarantee.EXACTLY_ONCE ? builder.exactlyOnce(prefix) : builder;
    }

    private static StreamExecutionEnvironment environment(@Nullable String savepoint) {
        Configuration flink = new Configuration();
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        if (savepoint != null) {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
            // The source of the second run is another one, which begins from the start.
            flink.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, flink);
        environment.enableCheckpointing(500);
        return environment;
    }

    private static void build(DataStream<KeyedEvent> events, KafkaSinkConfig sink) {
        DedupOperator.attach(events, DedupConfig.defaults())
                .sinkTo(KafkaChangeSink.create(sink))
                .name(KafkaChangeSink.UID)
                .uid(KafkaChangeSink.UID);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryGuarantee.class,
            names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void events_arrive_once_in_order_under_their_key(DeliveryGuarantee guarantee) throws Exception {
        String topic = orders.name();
        List<KeyedEvent> events = List.of(
                Records.row(topic, "a", 1),
                Records.row(topic, "b", 1),
                Records.row(topic, "a", 1),
                Records.change(topic, "a", Op.UPDATE, 100, 7),
                Records.change(topic, "a", Op.UPDATE, 110, 7),
                Records.change(topic, "b", Op.DELETE, 111, 7, KeyLink.NEW_KEY, "Struct{id=c}"),
                Records.change(topic, "c", Op.CREATE, 111, 7, KeyLink.OLD_KEY, "Struct{id=b}"),
                Records.change(topic, "a", Op.UPDATE, 110, 7),
                Records.change(topic, "a", Op.UPDATE, 112, 7),
                Records.row(topic, "c", 1));
        StreamExecutionEnvironment environment = environment(null);
        build(
                environment.fromData(events, new KeyedEventTypeInfo()),
                config(guarantee).build());
        environment.executeAsync().getJobExecutionResult().get(LIMIT.toSeconds(), TimeUnit.SECONDS);

        assertThat(orders.valuesByKey())
                .isEqualTo(Map.of(
                        "a", List.of("r1", "u110", "u112"),
                        "b", List.of("r1", "d111", "-"),
                        "c", List.of("c111")));
        assertThat(orders.partitions()).isEqualTo(3);
        assertThat(orders.setting("cleanup.policy")).isEqualTo("compact");
        Map<String, Set<Integer>> partitionsOfKey = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> each : orders.records()) {
            partitionsOfKey
                    .computeIfAbsent(Topic.text(each.key()), key -> new HashSet<>())
                    .add(each.partition());
            assertThat(header(each, "cdc.position")).hasSize(34);
            assertThat(header(each, "__debezium.context.connectorLogicalName")).isEqualTo("shop");
            assertThat(header(each, "__debezium.context.connectorName")).isEqualTo("postgresql");
            assertThat(header(each, "__debezium.context.taskId")).isEqualTo("0");
            boolean read = Topic.text(each.value()).startsWith("r");
            assertThat(header(each, "cdc.snapshot.generation")).isEqualTo(read ? "1" : "-");
            assertThat(header(each, "cdc.schema.id")).isEqualTo(read ? "-" : "7");
            boolean leaves = Topic.text(each.key()).equals("b") && !read;
            assertThat(header(each, "__debezium.newkey")).isEqualTo(leaves ? "Struct{id=c}" : "-");
        }
        assertThat(partitionsOfKey.values()).allMatch(partitions -> partitions.size() == 1);
    }

    private static String header(ConsumerRecord<byte[], byte[]> each, String name) {
        var header = each.headers().lastHeader(name);
        return header == null ? "-" : Topic.text(header.value());
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryGuarantee.class,
            names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    @Tag("L6")
    @Tag("O5")
    void restart_from_a_savepoint_that_reads_all_again_duplicates_nothing(DeliveryGuarantee guarantee)
            throws Exception {
        new TopicCreator(KafkaSinkConfig.builder(BROKER).partitions(1).build()).ensure(input.name());
        Map<String, List<String>> expected = new HashMap<>();
        List<String> lines = lines(0, 300, expected);
        input.produce(lines);
        JobClient first = start(guarantee, "first", null);
        awaitRecords(expected);
        String savepoint = first.stopWithSavepoint(false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);

        input.produce(lines(300, 400, expected));
        JobClient second = start(guarantee, "second", savepoint);
        awaitRecords(expected);
        second.cancel().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(orders.valuesByKey()).isEqualTo(expected);
    }

    /** Numbers: below 100 rows of generation 1, then changes that it cannot see, to the same 50 keys. */
    private static List<String> lines(int from, int to, Map<String, List<String>> expected) {
        List<String> lines = new ArrayList<>();
        for (int number = from; number < to; number++) {
            lines.add(String.valueOf(number));
            String key = "k" + number % 50;
            List<String> values = expected.computeIfAbsent(key, k -> new ArrayList<>());
            if (number >= 100) {
                values.add("u" + (number + 100));
            } else if (number < 50) {
                values.add("r1");
            }
        }
        return lines;
    }

    private void awaitRecords(Map<String, List<String>> expected) {
        Awaitility.await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> assertThat(orders.valuesByKey())
                .isEqualTo(expected));
    }

    private JobClient start(DeliveryGuarantee guarantee, String source, @Nullable String savepoint) throws Exception {
        String topic = orders.name();
        StreamExecutionEnvironment environment = environment(savepoint);
        KafkaSource<String> numbers = KafkaSource.<String>builder()
                .setBootstrapServers(BROKER)
                .setTopics(input.name())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
        DataStream<KeyedEvent> events = environment
                .fromSource(numbers, WatermarkStrategy.noWatermarks(), source)
                .uid(source)
                .<KeyedEvent>map(line -> {
                    int number = Integer.parseInt(line);
                    String key = "k" + number % 50;
                    return number < 100
                            ? Records.row(topic, key, 1)
                            : Records.change(topic, key, Op.UPDATE, number + 100, 0);
                })
                .returns(new KeyedEventTypeInfo())
                .uid("parse-" + source);
        build(events, config(guarantee).build());
        return environment.executeAsync();
    }

    @Test
    void a_topic_that_is_there_is_left_as_it_is() throws Exception {
        new TopicCreator(KafkaSinkConfig.builder(BROKER).partitions(2).build()).ensure(orders.name());
        TopicCreator creator =
                new TopicCreator(KafkaSinkConfig.builder(BROKER).partitions(5).build());
        creator.ensureAll(Set.of(orders.name(), input.name()));
        assertThat(orders.partitions()).isEqualTo(2);
        assertThat(input.partitions()).isEqualTo(5);
    }
}
