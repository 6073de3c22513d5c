package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaBrokerIT {

    private static final String TOPIC = "t";

    @Test
    void records_of_a_broker_process_survive_its_kill_on_the_same_port() {
        try (KafkaBroker broker = KafkaBroker.startProcess()) {
            produce(broker, "a", "b");
            assertThat(consume(broker, 2)).containsExactly("a", "b");
            String address = broker.bootstrapServers();

            broker.kill();
            broker.restart();

            assertThat(broker.bootstrapServers()).isEqualTo(address);
            produce(broker, "c");
            broker.restart();
            assertThat(consume(broker, 3)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void a_broker_inside_this_jvm_restarts_but_cannot_be_killed() {
        try (KafkaBroker broker = KafkaBroker.startInProcess()) {
            produce(broker, "a");
            assertThatThrownBy(broker::kill).isInstanceOf(UnsupportedOperationException.class);
            broker.restart();
            assertThat(consume(broker, 1)).containsExactly("a");
        }
    }

    /** In one transaction, with the time-out Flink's sink asks for. */
    private static void produce(KafkaBroker broker, String... values) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "transactional.id",
                "p",
                "transaction.timeout.ms",
                3_600_000);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String value : values) {
                sent.add(producer.send(new ProducerRecord<>(TOPIC, value)));
            }
            producer.commitTransaction();
            assertThat(sent).allMatch(Future::isDone);
        }
    }

    private static List<String> consume(KafkaBroker broker, int count) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < count && System.nanoTime() - end < 0) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
