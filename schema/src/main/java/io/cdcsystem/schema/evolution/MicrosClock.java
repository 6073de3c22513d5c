package io.cdcsystem.schema.evolution;

import java.io.Serializable;
import java.time.Instant;

/** The job's own time, for the envelope's {@code ts_us}; travels with the operator, so it is serializable. */
@FunctionalInterface
public interface MicrosClock extends Serializable {

    /** Microseconds since 1970-01-01 UTC. */
    long nowMicros();

    /** The system's clock. */
    static MicrosClock system() {
        return () -> {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
        };
    }
}
