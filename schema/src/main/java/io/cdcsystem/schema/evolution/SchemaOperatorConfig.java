package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.codec.RecordFormat;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.registry.RegistryConfig;
import java.io.Serializable;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the schema operator needs to know.
 *
 * @param envelope the envelope's fixed parts
 * @param format how keys and values are encoded
 * @param registry where Avro schemas are registered; null for JSON, which needs none
 * @param skippedOperations what is not published; never READ
 */
public record SchemaOperatorConfig(
        EnvelopeConfig envelope,
        RecordFormat format,
        @Nullable RegistryConfig registry,
        Set<Op> skippedOperations) implements Serializable {

    /** Rejects Avro without a registry, and skipped snapshot rows. */
    public SchemaOperatorConfig {
        Objects.requireNonNull(envelope, "envelope");
        skippedOperations = Set.copyOf(skippedOperations);
        if (format == RecordFormat.DEBEZIUM_AVRO && registry == null) {
            throw new IllegalArgumentException("the format debezium-avro needs a schema registry");
        }
        if (skippedOperations.contains(Op.READ)) {
            throw new IllegalArgumentException("snapshot rows cannot be skipped: leave out the snapshot instead");
        }
    }
}
