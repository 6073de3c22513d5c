package io.cdcsystem.schema.template;

/** Where in a record key's bytes each field of the key lies. The bytes of {@code head} are shared and only to be read. */
public sealed interface KeyLayout permits AvroKeyLayout, JsonKeyLayout {

    /** What every key of the table version begins with. */
    byte[] head();

    /** How many fields the key has. */
    int fieldCount();

    /**
     * Cuts a key into the encodings of its fields: field {@code i} lies from {@code starts[i]} to {@code ends[i]}.
     *
     * @return whether the key is of this layout from its first to its last byte; another version of the table may have
     *     written it
     */
    boolean slice(byte[] key, int[] starts, int[] ends);
}
