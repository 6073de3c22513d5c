package io.cdcsystem.job.schema;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.ruling.SchemaDecision;
import io.cdcsystem.schema.ruling.SchemaDecisions;
import io.cdcsystem.sink.TopicCreator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decisions as records of {@code <prefix>.schema-decisions}, which is created where it does not exist. Each question reads
 * up to the topic's end, so a decision holds from the question on that follows it.
 */
final class KafkaSchemaDecisions implements SchemaDecisions {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSchemaDecisions.class);

    private final String topic;
    private final TopicCreator creator;
    private final TopicTail tail;
    private final Map<Version, SchemaDecision> decisions = new HashMap<>();

    private record Version(String table, String fingerprint) {}

    KafkaSchemaDecisions(SchemaTopics topics) {
        this.topic = topics.decisions();
        this.creator = topics.creator();
        this.tail = new TopicTail(topics, topic);
    }

    @Override
    public Optional<SchemaDecision> on(String table, String fingerprint) {
        SchemaTopics.ensure(creator, topic);
        for (ConsumerRecord<String, String> one : tail.catchUp()) {
            try {
                SchemaDecision decision = SchemaDecision.parse(String.valueOf(one.value()));
                decisions.put(new Version(decision.table(), decision.fingerprint()), decision);
            } catch (CdcException e) {
                LOG.warn("Ignoring offset {} of topic {}: {}", one.offset(), topic, e.getMessage());
            }
        }
        return Optional.ofNullable(decisions.get(new Version(table, fingerprint)));
    }

    @Override
    public void close() {
        tail.close();
    }
}
