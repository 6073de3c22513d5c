package io.cdcsystem.schema.template;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The envelope of a delete with the key's fields left open, for rows of which nothing but the key's bytes is known.
 *
 * <p>A key's field has the same bytes in the record key as in the envelope's {@code before}, since neither is optional: so
 * the fields are cut out of the key and put in, and nothing is decoded. Immutable; the arrays are shared and only to be
 * read.
 */
public final class DeleteTemplate {
    private final KeyLayout keys;
    private final byte[] value;
    private final int[] holes;
    private final int[] fields;

    /**
     * A template.
     *
     * @param keys how keys are cut
     * @param value the envelope without the key's fields
     * @param holes where in {@code value} a field is to be put in, ascending
     * @param fields which field of the key goes there
     */
    public DeleteTemplate(KeyLayout keys, byte[] value, int[] holes, int[] fields) {
        this.keys = Objects.requireNonNull(keys, "keys");
        this.value = Objects.requireNonNull(value, "value");
        this.holes = holes.clone();
        this.fields = fields.clone();
        if (holes.length != fields.length) {
            throw new IllegalArgumentException(holes.length + " holes for " + fields.length + " fields");
        }
        int last = 0;
        for (int i = 0; i < holes.length; i++) {
            if (holes[i] < last || holes[i] > value.length || fields[i] < 0 || fields[i] >= keys.fieldCount()) {
                throw new IllegalArgumentException("field " + fields[i] + " does not fit at " + holes[i]);
            }
            last = holes[i];
        }
    }

    /** How keys are cut. */
    public KeyLayout keys() {
        return keys;
    }

    /** The envelope without the key's fields. */
    public byte[] value() {
        return value;
    }

    /** A copy of the places where a field is put in. */
    public int[] holes() {
        return holes.clone();
    }

    /** A copy of the numbers of the fields that go there. */
    public int[] fields() {
        return fields.clone();
    }

    /** The delete of the row with that key; null where the key has another layout than this table version's. */
    public byte @Nullable [] fill(byte[] key) {
        int[] starts = new int[keys.fieldCount()];
        int[] ends = new int[starts.length];
        if (!keys.slice(key, starts, ends)) {
            return null;
        }
        int length = value.length;
        for (int field : fields) {
            length += ends[field] - starts[field];
        }
        byte[] filled = new byte[length];
        int copied = 0;
        int at = 0;
        for (int i = 0; i < holes.length; i++) {
            at = append(value, copied, holes[i], filled, at);
            copied = holes[i];
            at = append(key, starts[fields[i]], ends[fields[i]], filled, at);
        }
        append(value, copied, value.length, filled, at);
        return filled;
    }

    private static int append(byte[] source, int from, int to, byte[] target, int at) {
        System.arraycopy(source, from, target, at, to - from);
        return at + to - from;
    }
}
