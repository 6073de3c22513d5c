package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.KeyHash;
import io.cdcsystem.schema.event.KeyedEvent;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What deduplication and order go by: topic and key bytes.
 *
 * <p>Events without key (tables without primary key, TRUNCATE) share the key of their topic alone, so that they stay in
 * the log's order. The hash is {@link KeyHash}, which decides the key group of stored state.
 */
public final class RecordKey {
    private final String topic;
    private final byte @Nullable [] key;
    private final int hash;

    /** A key of a topic; the array is shared and only to be read. */
    public RecordKey(String topic, byte @Nullable [] key) {
        this.topic = Objects.requireNonNull(topic, "topic");
        this.key = key;
        this.hash = KeyHash.of(topic, key);
    }

    /** The key that an event is deduplicated by. */
    public static RecordKey of(KeyedEvent event) {
        return new RecordKey(event.topic(), event.key());
    }

    /** The topic. */
    public String topic() {
        return topic;
    }

    /** The key's bytes; null stands for all keyless events of the topic. */
    public byte @Nullable [] key() {
        return key;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof RecordKey that
                        && hash == that.hash
                        && topic.equals(that.topic)
                        && Arrays.equals(key, that.key));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return topic + "/" + (key == null ? "-" : key.length + " bytes");
    }
}
