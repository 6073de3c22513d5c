package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change, encoded: what flows from the schema operator through deduplication to Kafka as bytes.
 *
 * <p>Immutable; the arrays are shared and only to be read. Compared by identity: events are moved, not looked up.
 */
public final class ChangeEvent implements KeyedEvent {
    /** Which header {@link #relatedKey()} belongs in, for the two halves of a primary-key change. */
    public enum KeyLink {
        /** No key change. */
        NONE,
        /** The delete of the old key names the new one: {@code __debezium.newkey}. */
        NEW_KEY,
        /** The create of the new key names the old one: {@code __debezium.oldkey}. */
        OLD_KEY
    }

    private final String topic;
    private final byte @Nullable [] key;
    private final byte[] value;
    private final int keySchemaId;
    private final int valueSchemaId;
    private final Op op;
    private final Position position;
    private final long transactionId;
    private final long commitMicros;
    private final @Nullable Generation generation;
    private final KeyLink keyLink;
    private final byte @Nullable [] relatedKey;

    /**
     * An event of all its parts.
     *
     * @param topic the topic it goes to
     * @param key the record's key; null for a table without key and for TRUNCATE
     * @param value the record's value, never a tombstone: that follows a DELETE by the sink's rule
     * @param keySchemaId the registry's id of the key's schema, 0 where there is none
     * @param valueSchemaId the registry's id of the value's schema, 0 where there is none
     * @param op what happened
     * @param position what deduplication compares
     * @param transactionId 64-bit transaction id
     * @param commitMicros commit time of the database, microseconds since 1970-01-01 UTC
     * @param generation the generation that says it: of every READ, and of the DELETE of a row that a later snapshot run
     *     did not find; null for changes of the log
     * @param keyLink how {@code relatedKey} is related
     * @param relatedKey the other key of a primary-key change, as text in the header converter's form
     */
    public ChangeEvent(
            String topic,
            byte @Nullable [] key,
            byte[] value,
            int keySchemaId,
            int valueSchemaId,
            Op op,
            Position position,
            long transactionId,
            long commitMicros,
            @Nullable Generation generation,
            KeyLink keyLink,
            byte @Nullable [] relatedKey) {
        if (op == Op.READ ? generation == null : generation != null && op != Op.DELETE) {
            throw new IllegalArgumentException("a generation reads rows and finds them gone: it contradicts " + op);
        }
        if ((keyLink == KeyLink.NONE) != (relatedKey == null)) {
            throw new IllegalArgumentException("key link " + keyLink + " contradicts its related key");
        }
        this.topic = Objects.requireNonNull(topic, "topic");
        this.key = key;
        this.value = Objects.requireNonNull(value, "value");
        this.keySchemaId = keySchemaId;
        this.valueSchemaId = valueSchemaId;
        this.op = op;
        this.position = Objects.requireNonNull(position, "position");
        this.transactionId = transactionId;
        this.commitMicros = commitMicros;
        this.generation = generation;
        this.keyLink = keyLink;
        this.relatedKey = relatedKey;
    }

    /** The same event at another position. */
    public ChangeEvent at(Position other) {
        return new ChangeEvent(
                topic,
                key,
                value,
                keySchemaId,
                valueSchemaId,
                op,
                other,
                transactionId,
                commitMicros,
                generation,
                keyLink,
                relatedKey);
    }

    /** The topic it goes to. */
    @Override
    public String topic() {
        return topic;
    }

    /** The record's key; null for a table without key and for TRUNCATE. */
    @Override
    public byte @Nullable [] key() {
        return key;
    }

    /** The record's value. */
    public byte[] value() {
        return value;
    }

    /** The registry's id of the key's schema, 0 where there is none. */
    public int keySchemaId() {
        return keySchemaId;
    }

    /** The registry's id of the value's schema, 0 where there is none. */
    public int valueSchemaId() {
        return valueSchemaId;
    }

    /** What happened. */
    public Op op() {
        return op;
    }

    /** What deduplication compares. */
    public Position position() {
        return position;
    }

    /** The 64-bit transaction id. */
    public long transactionId() {
        return transactionId;
    }

    /** Commit time of the database's clock, microseconds since 1970-01-01 UTC. */
    public long commitMicros() {
        return commitMicros;
    }

    /** The generation that read the row, or found it gone; null for changes of the log. */
    public @Nullable Generation generation() {
        return generation;
    }

    /** How {@link #relatedKey()} is related. */
    public KeyLink keyLink() {
        return keyLink;
    }

    /** The other key of a primary-key change; null for every other event. */
    public byte @Nullable [] relatedKey() {
        return relatedKey;
    }

    @Override
    public String toString() {
        return "ChangeEvent[" + op.code() + " " + topic + " @" + position + "]";
    }
}
