package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.template.DeleteTemplate;
import java.util.Objects;

/**
 * Tells deduplication to delete what a table's snapshot run did not find: {@link SnapshotCompleted}, encoded.
 *
 * <p>There is one copy per key group, so that every subtask of deduplication gets one behind all changes that were handed
 * over before, through the same channel as they. Each has all that is needed: a subtask acts on the first that reaches it.
 *
 * @param topic the table's topic
 * @param key a key that no row has, made to fall into the copy's key group
 * @param keyGroups how many key groups, and copies, there are
 * @param generation the oldest generation of the run; its {@code run} is the run
 * @param deletes makes the deletes' values
 * @param keySchemaId the registry's id of the keys' schema, 0 where there is none
 * @param valueSchemaId the registry's id of the deletes' schema, 0 where there is none
 * @param commitMicros the time of the snapshot, microseconds since 1970-01-01 UTC
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared: events are moved, not looked up.
public record TableSweep(
        String topic,
        byte[] key,
        int keyGroups,
        Generation generation,
        DeleteTemplate deletes,
        int keySchemaId,
        int valueSchemaId,
        long commitMicros)
        implements KeyedEvent {

    /** Rejects missing parts. */
    public TableSweep {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(generation, "generation");
        Objects.requireNonNull(deletes, "deletes");
        if (keyGroups < 1) {
            throw new IllegalArgumentException("not a number of key groups: " + keyGroups);
        }
    }
}
