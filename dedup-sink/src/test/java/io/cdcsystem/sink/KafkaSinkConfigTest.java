package io.cdcsystem.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class KafkaSinkConfigTest {
    @Test
    void secrets_are_not_printed() {
        KafkaSinkConfig config = KafkaSinkConfig.builder("b:9092")
                .properties(Map.of(
                        "sasl.jaas.config", "x required password=\"hush\";",
                        "ssl.keystore.password", "hush",
                        "ssl.keystore.key", "hush",
                        "sasl.oauthbearer.client.credentials.client.secret", "hush",
                        "linger.ms", "7"))
                .build();
        assertThat(config.toString()).doesNotContain("hush").contains("linger.ms=7", "ssl.keystore.password=***");
    }

    @Test
    void configured_properties_win_over_our_defaults() {
        KafkaSinkConfig config = KafkaSinkConfig.builder("b:9092")
                .properties(Map.of("linger.ms", "7"))
                .build();
        assertThat(config.producerProperties())
                .containsEntry("linger.ms", "7")
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", "true")
                .containsEntry("compression.type", "lz4")
                .containsEntry("batch.size", "262144")
                .containsEntry("transaction.timeout.ms", "900000");
    }

    @Test
    void admin_client_gets_security_settings_but_none_of_the_producers() {
        KafkaSinkConfig config = KafkaSinkConfig.builder("b:9092")
                .properties(Map.of("security.protocol", "SASL_SSL", "linger.ms", "7"))
                .build();
        assertThat(config.adminProperties(Duration.ofSeconds(3)))
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("bootstrap.servers", "b:9092")
                .containsEntry("default.api.timeout.ms", 3000)
                .doesNotContainKey("linger.ms");
    }

    @Test
    @Tag("L5")
    void settings_that_lose_or_mix_events_are_refused() {
        assertThatThrownBy(() -> new KafkaSinkConfig(
                        "b",
                        DeliveryGuarantee.NONE,
                        null,
                        Duration.ofMinutes(1),
                        1,
                        (short) 1,
                        Map.of(),
                        Map.of(),
                        null))
                .hasMessageContaining("loses events");
        assertThatThrownBy(() -> KafkaSinkConfig.builder("b").exactlyOnce(" ").build())
                .hasMessageContaining("transactional id prefix");
        assertThatThrownBy(() -> KafkaSinkConfig.builder("b").partitions(0).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> KafkaSinkConfig.builder("b").replicationFactor(0).build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void configuration_travels_to_the_task_managers() throws Exception {
        KafkaSinkConfig config = KafkaSinkConfig.builder("b:9092")
                .exactlyOnce("shop")
                .topicConfig(Map.of("cleanup.policy", "compact"))
                .contextHeaders(ContextHeaders.of("shop", "postgresql"))
                .build();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(config);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(config);
        }
    }
}
