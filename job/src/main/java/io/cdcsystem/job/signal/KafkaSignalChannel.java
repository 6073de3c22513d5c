package io.cdcsystem.job.signal;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalChannel;
import io.cdcsystem.source.signal.SignalChannelConfig;
import io.cdcsystem.source.signal.SignalEnvelope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls the signal topic. Neither a broker that is away nor a topic that is missing is a failure: each is said once and
 * looked at again every few seconds. Belongs to one thread.
 */
final class KafkaSignalChannel implements SignalChannel {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSignalChannel.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(10).toNanos();

    private final KafkaSignalChannelConfig config;
    private final TopicPartition partition;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;
    private boolean assigned;
    private long offset;
    private long lookAtNanos;
    private @Nullable String complaint;

    KafkaSignalChannel(KafkaSignalChannelConfig config, long offset) {
        this.config = config;
        this.partition = new TopicPartition(config.topic(), 0);
        this.offset = offset;
        this.lookAtNanos = System.nanoTime();
    }

    @Override
    public List<Signal> poll() {
        boolean look = System.nanoTime() - lookAtNanos >= 0;
        if (!look && !assigned) {
            return List.of();
        }
        try {
            KafkaConsumer<byte[], byte[]> open = consumer == null ? connect() : consumer;
            if (look) {
                lookAtNanos = System.nanoTime() + LOOK_AGAIN_NANOS;
                look(open);
            }
            return assigned ? read(open) : List.of();
        } catch (OffsetOutOfRangeException e) {
            LOG.warn(
                    "Signal topic {} does not reach back to offset {}, or was created anew; going on with its oldest"
                            + " record",
                    config.topic(),
                    offset);
            offset = 0;
            Objects.requireNonNull(consumer).seekToBeginning(List.of(partition));
            return List.of();
        } catch (InterruptException e) {
            // The interrupt flag is set again; whoever interrupted wants no answer.
            return List.of();
        } catch (KafkaException e) {
            complain("cannot be read: " + reason(e) + "; signals there wait until it can");
            return List.of();
        }
    }

    private KafkaConsumer<byte[], byte[]> connect() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // Kafka loads its parts by name through the thread, which in a cluster knows nothing of the job's jar.
        thread.setContextClassLoader(KafkaSignalChannel.class.getClassLoader());
        try {
            KafkaConsumer<byte[], byte[]> connected = new KafkaConsumer<>(
                    config.clientProperties(Map.of(
                            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                            config.bootstrapServers(),
                            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                            false,
                            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                            "none",
                            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                            false,
                            // The client complains of every attempt; a signal can wait that long.
                            ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                            10_000)),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer());
            consumer = connected;
            return connected;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Takes the partition up as soon as it is there, and asks now and then whether it still answers. */
    private void look(KafkaConsumer<byte[], byte[]> open) {
        if (!assigned) {
            List<PartitionInfo> partitions = open.partitionsFor(config.topic(), PATIENCE);
            if (partitions.isEmpty()) {
                // Whatever it holds once it is there came later than now.
                offset = offset == SignalChannelConfig.FROM_NOW_ON ? 0 : offset;
                complain("does not exist; create it with one partition");
                return;
            }
            if (partitions.size() > 1) {
                throw new CdcException(
                        ErrorCode.CONFIG_INVALID,
                        "the signal topic " + config.topic() + " at " + config.bootstrapServers() + " has "
                                + partitions.size()
                                + " partitions, so that signals would lose their order; use a topic of one partition");
            }
            long end = end(open);
            open.assign(List.of(partition));
            offset = offset == SignalChannelConfig.FROM_NOW_ON ? end : offset;
            open.seek(partition, offset);
            assigned = true;
        } else {
            end(open);
        }
        if (complaint != null) {
            LOG.info("Signal topic {} can be read again, from offset {} on", config.topic(), offset);
            complaint = null;
        }
    }

    private long end(KafkaConsumer<byte[], byte[]> open) {
        return Objects.requireNonNull(
                open.endOffsets(List.of(partition), PATIENCE).get(partition));
    }

    private List<Signal> read(KafkaConsumer<byte[], byte[]> open) {
        List<Signal> signals = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : open.poll(POLL)) {
            byte[] key = record.key();
            byte[] value = record.value();
            if (key != null && value != null && new String(key, StandardCharsets.UTF_8).equals(config.key())) {
                signals.add(SignalEnvelope.read(
                        new String(value, StandardCharsets.UTF_8), config.topic() + "@" + record.offset()));
            }
            // Those of other pipelines are passed too.
            offset = record.offset() + 1;
        }
        return signals;
    }

    private void complain(String what) {
        if (!what.equals(complaint)) {
            LOG.warn("Signal topic {} at {} {}", config.topic(), config.bootstrapServers(), what);
            complaint = what;
        }
    }

    private static String reason(Throwable error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public void close() {
        KafkaConsumer<byte[], byte[]> open = consumer;
        consumer = null;
        assigned = false;
        if (open != null) {
            open.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(PATIENCE));
        }
    }
}
