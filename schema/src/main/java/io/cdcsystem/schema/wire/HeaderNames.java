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
    /** The generation that read the row, decimal; on snapshot rows, and on deletes of rows that a new snapshot did not find. */
    public static final String GENERATION = "cdc.snapshot.generation";
    /**
     * Where that generation stands in the order of the log, as {@link #POSITION} is written; where it is absent, the
     * record's own position is it. The two differ where the key's last change stands above its generation and is contained
     * in it.
     */
    public static final String GENERATION_POSITION = "cdc.snapshot.position";
    /** Debezium's: on the delete and tombstone of a key change, the new key. */
    public static final String NEW_KEY = "__debezium.newkey";
    /** Debezium's: on the create of a key change, the old key. */
    public static final String OLD_KEY = "__debezium.oldkey";

    private HeaderNames() {}
}
