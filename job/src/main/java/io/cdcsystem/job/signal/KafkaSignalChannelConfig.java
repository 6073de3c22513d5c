package io.cdcsystem.job.signal;

import io.cdcsystem.source.signal.SignalChannel;
import io.cdcsystem.source.signal.SignalChannelConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which Kafka topic brings signals. Printing it shows no secrets.
 *
 * @param bootstrapServers host:port, comma separated
 * @param topic the topic; of one partition, so that signals keep their order
 * @param key the key of the records that are for this pipeline: its topic prefix, as with Debezium
 * @param properties settings of the Kafka clients, security among them
 */
public record KafkaSignalChannelConfig(
        String bootstrapServers, String topic, String key, Map<String, String> properties)
        implements SignalChannelConfig {
    private static final long serialVersionUID = 1;

    /** Rejects missing parts; copies the map. */
    public KafkaSignalChannelConfig {
        Objects.requireNonNull(bootstrapServers, "bootstrapServers");
        Objects.requireNonNull(key, "key");
        if (topic.isBlank()) {
            throw new IllegalArgumentException("the signal topic needs a name");
        }
        properties = Map.copyOf(properties);
    }

    /** Contacts nobody yet: a broker that is away is waited for by {@code poll}. */
    @Override
    public SignalChannel open(long offset) {
        return new KafkaSignalChannel(this, offset);
    }

    /** The configured settings with these on top. */
    Map<String, Object> clientProperties(Map<String, Object> ours) {
        Map<String, Object> all = new HashMap<>(properties);
        all.putAll(ours);
        return all;
    }

    @Override
    public String toString() {
        return "KafkaSignalChannelConfig[" + bootstrapServers + ", topic " + topic + ", key " + key + ", properties "
                + properties.keySet() + "]";
    }
}
