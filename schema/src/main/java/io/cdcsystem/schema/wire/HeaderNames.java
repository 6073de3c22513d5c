package io.cdcsystem.schema.wire;

/**
 * Names of the Kafka record headers, all of them UTF-8 text: with them a consumer can deduplicate without decoding the
 * value.
 */
public final class HeaderNames {
    /** {@link io.cdcsystem.schema.position.Position} in its sortable text form; on every record, tombstones too. */
    public static final String POSITION = "cdc.position";
    /** The registry's id of the value's schema, decimal; absent where no registry is used. */
    public static final String SCHEMA_ID = "cdc.schema.id";
    /** The generation that read the row, decimal; exactly on snapshot rows. */
    public static final String GENERATION = "cdc.snapshot.generation";
    /** Debezium's: on the delete and tombstone of a key change, the new key. */
    public static final String NEW_KEY = "__debezium.newkey";
    /** Debezium's: on the create of a key change, the old key. */
    public static final String OLD_KEY = "__debezium.oldkey";

    private HeaderNames() {}
}
