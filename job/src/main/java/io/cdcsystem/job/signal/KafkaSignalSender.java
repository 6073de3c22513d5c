package io.cdcsystem.job.signal;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalEnvelope;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes signals to the signal topic. Stateless. */
public final class KafkaSignalSender {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private KafkaSignalSender() {}

    /** Sends a signal and waits until all replicas have it; returns its offset. */
    public static long send(KafkaSignalChannelConfig config, Signal signal) {
        try {
            requireOnePartition(config);
            return write(config, signal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(config, e);
        } catch (ExecutionException e) {
            throw failed(config, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException | KafkaException e) {
            throw failed(config, e);
        }
    }

    private static void requireOnePartition(KafkaSignalChannelConfig config)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, Object> settings = clientSettings(config);
        settings.keySet().retainAll(AdminClientConfig.configNames());
        try (Admin admin = Admin.create(settings)) {
            TopicDescription topic = admin.describeTopics(List.of(config.topic()))
                    .topicNameValues()
                    .values()
                    .iterator()
                    .next()
                    .get(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            int partitions = topic.partitions().size();
            if (partitions != 1) {
                throw unusable(config, "has " + partitions + " partitions, but must have one");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw unusable(config, "does not exist");
            }
            throw e;
        }
    }

    private static CdcException unusable(KafkaSignalChannelConfig config, String what) {
        return new CdcException(
                ErrorCode.CONFIG_INVALID,
                "the signal topic " + config.topic() + " at " + config.bootstrapServers() + " " + what
                        + "; create it: kafka-topics.sh --bootstrap-server " + config.bootstrapServers()
                        + " --create --topic " + config.topic() + " --partitions 1");
    }

    private static long write(KafkaSignalChannelConfig config, Signal signal)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, Object> settings = clientSettings(config);
        settings.keySet().retainAll(ProducerConfig.configNames());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(2 * PATIENCE.toMillis()));
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            return producer.send(new ProducerRecord<>(config.topic(), 0, config.key(), SignalEnvelope.write(signal)))
                    .get(3 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .offset();
        }
    }

    private static Map<String, Object> clientSettings(KafkaSignalChannelConfig config) {
        int millis = Math.toIntExact(PATIENCE.toMillis());
        return new HashMap<>(config.clientProperties(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                millis,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                millis)));
    }

    private static CdcException failed(KafkaSignalChannelConfig config, Throwable error) {
        String reason = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        return new CdcException(
                ErrorCode.KAFKA_UNREACHABLE,
                "sending a signal to topic " + config.topic() + " at " + config.bootstrapServers() + " failed: "
                        + reason + "; check that the brokers run, and signal.consumer's security settings",
                error);
    }
}
