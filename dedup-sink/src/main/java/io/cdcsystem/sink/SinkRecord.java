package io.cdcsystem.sink;

import io.cdcsystem.schema.event.ChangeEvent;
import java.util.Objects;

/**
 * One Kafka record to be: an event, or the tombstone that follows its DELETE.
 *
 * @param event the event; of a tombstone the DELETE before it
 * @param tombstone whether the record has no value
 */
public record SinkRecord(ChangeEvent event, boolean tombstone) {

    /** Rejects a missing event, and a tombstone without key. */
    public SinkRecord {
        Objects.requireNonNull(event, "event");
        if (tombstone && event.key() == null) {
            throw new IllegalArgumentException("a tombstone without key deletes nothing");
        }
    }
}
