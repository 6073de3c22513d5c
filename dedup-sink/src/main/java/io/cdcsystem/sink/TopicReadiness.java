package io.cdcsystem.sink;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Waits until each partition of a topic has a leader that answers.
 *
 * <p>Why: a producer that sends to a partition which is just coming up may see its first batch refused and the next one
 * taken. With idempotence the broker then rejects the first one's retry as out of order, again and again, until the
 * delivery timeout: minutes in which the sink's flush, and with it every checkpoint, hangs.
 */
final class TopicReadiness {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Admin admin;
    private final KafkaSinkConfig config;
    private final Duration timeout;

    TopicReadiness(Admin admin, KafkaSinkConfig config, Duration timeout) {
        this.admin = admin;
        this.config = config;
        this.timeout = timeout;
    }

    /** Returns once every partition has answered; fails with the last error at the deadline. */
    void await(String topic) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                askEachLeader(topic);
                return;
            } catch (ExecutionException e) {
                Throwable cause = KafkaErrors.causeOf(e);
                if (!(cause instanceof RetriableException) || System.nanoTime() > deadline) {
                    throw KafkaErrors.explain("waiting for the leaders of topic " + topic, config, cause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CdcException(
                        ErrorCode.KAFKA_UNREACHABLE,
                        "waiting for the leaders of topic " + topic + " was interrupted; start again",
                        e);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void askEachLeader(String topic) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> ends =
                admin.describeTopics(Set.of(topic)).allTopicNames().get().values().stream()
                        .map(TopicDescription::partitions)
                        .flatMap(List::stream)
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        admin.listOffsets(ends).all().get();
    }
}
