package io.cdcsystem.job.schema;

import io.cdcsystem.schema.ruling.SchemaDecision;

/** Records decisions. Stateless. */
public final class SchemaDecisionLog {
    private SchemaDecisionLog() {}

    /** Returns the decision's offset once all replicas have it, creating the topic where it does not exist. */
    public static long record(SchemaTopics topics, SchemaDecision decision) {
        try (TopicWriter writer = new TopicWriter(topics, topics.decisions())) {
            return writer.write(decision.table(), decision.toJson());
        }
    }
}
