package io.cdcsystem.job.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.sink.KafkaSinkConfig;
import io.cdcsystem.testbed.SharedServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real broker. */
class TopicTailIT {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();

    private final SchemaTopics topics = new SchemaTopics(
            KafkaSinkConfig.builder(SharedServers.kafka().bootstrapServers())
                    .properties(Map.of("max.poll.records", "1"))
                    .build(),
            "tail-" + UUID.randomUUID());

    @Test
    @Tag("E9")
    void calls_that_run_out_of_time_get_to_the_end_all_the_same() {
        write("a", "b", "c");
        // Every call is over after its first record.
        try (TopicTail tail = new TopicTail(topics, topics.decisions(), Duration.ZERO)) {
            List<CdcException> late = new ArrayList<>();
            assertThat(catchUp(tail, late)).containsExactly("a", "b", "c");
            assertThat(late).hasSizeGreaterThanOrEqualTo(2).allSatisfy(e -> assertThat(e.code())
                    .isEqualTo(ErrorCode.KAFKA_UNREACHABLE));

            write("d");
            assertThat(catchUp(tail, late)).as("nothing is returned twice").containsExactly("d");
        }
    }

    private static List<String> catchUp(TopicTail tail, List<CdcException> late) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                return tail.catchUp().stream().map(ConsumerRecord::value).toList();
            } catch (CdcException e) {
                late.add(e);
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
        }
    }

    private void write(String... values) {
        try (TopicWriter writer = new TopicWriter(topics, topics.decisions())) {
            for (String value : values) {
                writer.write("{}", value);
            }
        }
    }
}
