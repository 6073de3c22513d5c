package io.cdcsystem.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.testbed.SharedServers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("L5")
class KafkaPreflightIT {
    private static final String BROKER = SharedServers.kafka().bootstrapServers();

    private static Finding single(List<Finding> findings, Severity severity) {
        List<Finding> matching =
                findings.stream().filter(f -> f.severity() == severity).toList();
        assertThat(matching).as(findings.toString()).hasSize(1);
        return matching.get(0);
    }

    @Test
    void broker_that_can_do_what_is_asked_gives_no_errors() {
        assertThat(KafkaPreflight.run(
                        KafkaSinkConfig.builder(BROKER).exactlyOnce("shop").build()))
                .hasSize(3)
                .allMatch(finding -> finding.severity() == Severity.OK);
    }

    @Test
    void transaction_timeout_beyond_the_brokers_is_an_error() {
        Finding error = single(
                KafkaPreflight.run(KafkaSinkConfig.builder(BROKER)
                        .exactlyOnce("shop")
                        .transactionTimeout(Duration.ofDays(2))
                        .build()),
                Severity.ERROR);
        assertThat(error.subject()).isEqualTo("transaction.max.timeout.ms");
        assertThat(error.message()).contains("172800000 ms");
        assertThat(error.remedy()).contains("set the transaction timeout to at most");
    }

    @Test
    void more_replicas_than_brokers_are_an_error() {
        Finding error = single(
                KafkaPreflight.run(
                        KafkaSinkConfig.builder(BROKER).replicationFactor(3).build()),
                Severity.ERROR);
        assertThat(error.subject()).isEqualTo("replication factor");
        assertThat(error.remedy()).contains("at most 1");
    }

    @Test
    void more_replicas_in_sync_than_there_are_is_an_error() {
        Finding error = single(
                KafkaPreflight.run(KafkaSinkConfig.builder(BROKER)
                        .replicationFactor(1)
                        .topicConfig(Map.of("min.insync.replicas", "2"))
                        .build()),
                Severity.ERROR);
        assertThat(error.subject()).isEqualTo("min.insync.replicas");
    }

    @Test
    @Timeout(30)
    void broker_that_does_not_answer_is_an_error() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Finding error = single(
                KafkaPreflight.run(KafkaSinkConfig.builder("127.0.0.1:" + port).build()), Severity.ERROR);
        assertThat(error.component()).isEqualTo("kafka");
        assertThat(error.remedy()).contains("check that the brokers run");
    }

    @Test
    void client_setting_that_makes_no_sense_is_an_error_and_not_an_exception() {
        Finding error = single(
                KafkaPreflight.run(KafkaSinkConfig.builder(BROKER)
                        .properties(Map.of("security.protocol", "NONSENSE"))
                        .build()),
                Severity.ERROR);
        assertThat(error.message()).contains("NONSENSE");
    }

    @Test
    void topic_that_the_broker_refuses_is_an_error_with_a_remedy() {
        TopicCreator creator = new TopicCreator(
                KafkaSinkConfig.builder(BROKER).replicationFactor(3).build());
        assertThatThrownBy(() -> creator.ensure("it-" + UUID.randomUUID()))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_UNUSABLE))
                .hasMessageContaining("replication factor that the number of brokers allows");
    }
}
