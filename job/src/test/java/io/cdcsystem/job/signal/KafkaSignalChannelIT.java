package io.cdcsystem.job.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalChannel;
import io.cdcsystem.source.signal.SignalChannelConfig;
import io.cdcsystem.testbed.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S8")
class KafkaSignalChannelIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Signal PAUSE = new Signal("p", "pause-snapshot", "{}");

    private static KafkaBroker kafka;

    private final String topic = "signals-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        kafka = KafkaBroker.startProcess();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private KafkaSignalChannelConfig config() {
        return new KafkaSignalChannelConfig(kafka.bootstrapServers(), topic, "shop", Map.of());
    }

    private void create(int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty())))
                    .all()
                    .get();
        }
    }

    private static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private void send(@Nullable String key, @Nullable String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, key, value)).get();
        }
    }

    /** Polls until {@code count} signals came. */
    private static List<Signal> poll(SignalChannel channel, int count) {
        List<Signal> signals = new ArrayList<>();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            signals.addAll(channel.poll());
            return signals.size() >= count;
        });
        return signals;
    }

    private static void pollUntilKnown(SignalChannel channel) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            assertThat(channel.poll()).isEmpty();
            return channel.offset() != SignalChannelConfig.FROM_NOW_ON;
        });
    }

    @Test
    void only_signals_from_now_on_and_for_this_pipeline_are_taken() throws Exception {
        create(1);
        send("shop", "{\"id\":\"old\",\"type\":\"pause-snapshot\"}");
        try (SignalChannel channel = config().open(SignalChannelConfig.FROM_NOW_ON)) {
            pollUntilKnown(channel);
            assertThat(channel.offset()).isEqualTo(1);
            send("other", "{\"id\":\"not ours\",\"type\":\"pause-snapshot\"}");
            send(null, "{\"id\":\"nobody's\",\"type\":\"pause-snapshot\"}");
            send("shop", null);
            send("shop", "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"public.t\"]}}");
            send("shop", "no JSON");
            assertThat(poll(channel, 2))
                    .containsExactly(
                            new Signal(topic + "@4", "execute-snapshot", "{\"data-collections\":[\"public.t\"]}"),
                            new Signal(topic + "@5", "", "no JSON"));
            assertThat(channel.offset()).isEqualTo(6);
        }
    }

    @Test
    void a_reopened_channel_goes_on_where_the_last_one_stood() throws Exception {
        create(1);
        long offset;
        try (SignalChannel channel = config().open(SignalChannelConfig.FROM_NOW_ON)) {
            pollUntilKnown(channel);
            KafkaSignalSender.send(config(), PAUSE);
            assertThat(poll(channel, 1)).containsExactly(PAUSE);
            offset = channel.offset();
        }
        Signal next = new Signal("n", "resume-snapshot", "{}");
        KafkaSignalSender.send(config(), next);
        try (SignalChannel channel = config().open(offset)) {
            assertThat(poll(channel, 1)).containsExactly(next);
        }
    }

    @Test
    void signals_that_were_deleted_before_they_were_read_do_not_hold_up_later_ones() throws Exception {
        create(1);
        send("shop", "{\"id\":\"deleted\",\"type\":\"pause-snapshot\"}");
        KafkaSignalSender.send(config(), PAUSE);
        try (Admin admin = admin()) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }
        try (SignalChannel channel = config().open(0)) {
            assertThat(poll(channel, 1)).containsExactly(PAUSE);
        }
    }

    @Test
    void a_topic_that_is_created_later_is_read_from_its_beginning() throws Exception {
        try (SignalChannel channel = config().open(SignalChannelConfig.FROM_NOW_ON)) {
            assertThat(channel.poll()).isEmpty();
            assertThat(channel.offset()).isZero();
            try (Admin admin = admin()) {
                assertThat(admin.listTopics().names().get()).doesNotContain(topic);
            }
            assertThatThrownBy(() -> KafkaSignalSender.send(config(), PAUSE))
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining(topic)
                    .hasMessageContaining("--partitions 1");
            create(1);
            KafkaSignalSender.send(config(), PAUSE);
            assertThat(poll(channel, 1)).containsExactly(PAUSE);
        }
    }

    @Test
    void a_topic_of_several_partitions_is_refused() throws Exception {
        create(2);
        try (SignalChannel channel = config().open(SignalChannelConfig.FROM_NOW_ON)) {
            assertThatThrownBy(() -> Awaitility.await().atMost(PATIENCE).until(() -> !channel.poll()
                            .isEmpty()))
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("has 2 partitions");
        }
        assertThatThrownBy(() -> KafkaSignalSender.send(config(), PAUSE))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("has 2 partitions");
    }

    @Test
    void a_broker_that_is_away_only_delays_signals() throws Exception {
        create(1);
        try (SignalChannel channel = config().open(SignalChannelConfig.FROM_NOW_ON)) {
            pollUntilKnown(channel);
            kafka.kill();
            long begun = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                assertThat(channel.poll()).isEmpty();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            try (SignalChannel early = config().open(channel.offset())) {
                assertThat(early.poll()).isEmpty();
                kafka.restart();
                KafkaSignalSender.send(config(), PAUSE);
                assertThat(poll(channel, 1)).containsExactly(PAUSE);
                assertThat(poll(early, 1)).containsExactly(PAUSE);
            }
        }
    }

    @Test
    void a_configuration_shows_no_secrets() {
        KafkaSignalChannelConfig config =
                new KafkaSignalChannelConfig("b:1", "t", "shop", Map.of("sasl.jaas.config", "password=1234"));
        assertThat(config.toString()).contains("sasl.jaas.config").doesNotContain("1234");
    }
}
