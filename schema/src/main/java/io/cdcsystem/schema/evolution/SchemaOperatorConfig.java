package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.codec.RecordFormat;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Op;
import java.io.Serializable;
import java.util.Objects;
import java.util.Set;

/**
 * What the schema operator needs to know.
 *
 * @param envelope the envelope's fixed parts
 * @param format how keys and values are encoded
 * @param skippedOperations what is not published; never READ
 */
public record SchemaOperatorConfig(EnvelopeConfig envelope, RecordFormat format, Set<Op> skippedOperations)
        implements Serializable {

    /** Rejects skipped snapshot rows. */
    public SchemaOperatorConfig {
        Objects.requireNonNull(envelope, "envelope");
        Objects.requireNonNull(format, "format");
        skippedOperations = Set.copyOf(skippedOperations);
        if (skippedOperations.contains(Op.READ)) {
            throw new IllegalArgumentException("snapshot rows cannot be skipped: leave out the snapshot instead");
        }
    }
}
