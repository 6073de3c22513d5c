package io.cdcsystem.sink;

import java.util.Objects;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;

/** The sink: Flink's own, with our serializer and settings. */
public final class KafkaChangeSink {
    /** The sink's uid: its state is found again by it. */
    public static final String UID = "cdc-sink";

    private KafkaChangeSink() {}

    /** A sink of that configuration. */
    public static KafkaSink<SinkRecord> create(KafkaSinkConfig config) {
        KafkaSinkBuilder<SinkRecord> builder = KafkaSink.<SinkRecord>builder()
                .setBootstrapServers(config.bootstrapServers())
                .setKafkaProducerConfig(config.producerProperties())
                .setDeliveryGuarantee(config.deliveryGuarantee())
                .setRecordSerializer(new ChangeRecordSerializer(config));
        if (config.exactlyOnce()) {
            builder.setTransactionalIdPrefix(
                    Objects.requireNonNull(config.transactionalIdPrefix(), "transactionalIdPrefix"));
        }
        return builder.build();
    }
}
