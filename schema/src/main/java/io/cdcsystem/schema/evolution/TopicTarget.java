package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.codec.TableEncoder;
import java.util.Objects;

/**
 * Where and how one table version's events are published.
 *
 * @param topic its topic
 * @param encoder its compiled encoder
 * @param keySchemaId the registry's id of the key's schema, 0 where there is none
 * @param valueSchemaId the registry's id of the value's schema, 0 where there is none
 */
public record TopicTarget(String topic, TableEncoder encoder, int keySchemaId, int valueSchemaId) {

    /** Rejects missing parts. */
    public TopicTarget {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(encoder, "encoder");
    }
}
