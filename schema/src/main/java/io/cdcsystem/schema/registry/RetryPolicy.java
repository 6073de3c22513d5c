package io.cdcsystem.schema.registry;

import java.time.Duration;

/**
 * How long a registry is asked before it counts as unreachable.
 *
 * @param requestTimeout for one connection and one answer, each
 * @param firstBackoff the pause after every url failed once; doubles from round to round
 * @param maxBackoff where the doubling ends
 * @param deadline for the whole of one call
 */
public record RetryPolicy(Duration requestTimeout, Duration firstBackoff, Duration maxBackoff, Duration deadline) {
    /** Half a minute in all: longer outages are the restart strategy's. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(
            Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofSeconds(30));

    /** Rejects durations that are not positive. */
    public RetryPolicy {
        for (Duration duration : new Duration[] {requestTimeout, firstBackoff, maxBackoff, deadline}) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException("not a positive duration: " + duration);
            }
        }
    }
}
