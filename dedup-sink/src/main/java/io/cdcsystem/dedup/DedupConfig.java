package io.cdcsystem.dedup;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How events are deduplicated.
 *
 * @param enabled whether repeats are dropped; without, every event goes on as it came
 * @param retention how long a key's state outlives the last event published for it; a repeat that comes later goes
 *     through. To be longer than the longest snapshot and the longest rewind of the log
 * @param tombstones whether a delete is followed by a record without value, so that compaction forgets the key
 */
public record DedupConfig(boolean enabled, Duration retention, boolean tombstones) implements Serializable {

    /** Rejects a retention that would forget at once. */
    public DedupConfig {
        Objects.requireNonNull(retention, "retention");
        if (retention.toMillis() <= 0) {
            throw new IllegalArgumentException("deduplication needs a positive retention, not " + retention);
        }
    }

    /** Enabled, seven days, tombstones. */
    public static DedupConfig defaults() {
        return new DedupConfig(true, Duration.ofDays(7), true);
    }
}
