package io.cdcsystem.schema.ruling;

/**
 * The registry's ids of a version's two schemas.
 *
 * @param key of the keys' schema, 0 where there is none
 * @param value of the values' schema, 0 where there is none
 */
public record SchemaIds(int key, int value) {
    /** Of a version that is not registered, or needs no registry. */
    public static final SchemaIds NONE = new SchemaIds(0, 0);

    /** Rejects negative ids. */
    public SchemaIds {
        if (key < 0 || value < 0) {
            throw new IllegalArgumentException("schema ids " + key + " and " + value);
        }
    }

    /** As people read it. */
    @Override
    public String toString() {
        if (value == 0) {
            return "none";
        }
        return key == 0 ? "value " + value : "key " + key + ", value " + value;
    }
}
