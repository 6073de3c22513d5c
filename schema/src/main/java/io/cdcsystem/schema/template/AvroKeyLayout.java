package io.cdcsystem.schema.template;

import java.util.Arrays;

/**
 * Keys in Avro: Confluent's framing, then the fields, each of which is walked over by its shape.
 *
 * @param head the framing, with the key schema's id
 * @param shapes per field the steps that walk over its encoding
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record AvroKeyLayout(byte[] head, byte[][] shapes) implements KeyLayout {
    /** A step over an int, a long, or a union's branch. */
    public static final byte NUMBER = 'n';
    /** A step over bytes or a string behind their length. */
    public static final byte BYTES = 'b';
    /** A step over one byte. */
    public static final byte ONE = '1';
    /** A step over four bytes. */
    public static final byte FOUR = '4';
    /** A step over eight bytes. */
    public static final byte EIGHT = '8';
    /** A step over an array; the steps behind it are those of one element, which is a union of null and a value. */
    public static final byte ARRAY = '[';

    private static final int BEYOND = -1;
    private static final int NULL_BRANCH = 0;

    @Override
    public int fieldCount() {
        return shapes.length;
    }

    @Override
    public boolean slice(byte[] key, int[] starts, int[] ends) {
        if (key.length < head.length || !Arrays.equals(key, 0, head.length, head, 0, head.length)) {
            return false;
        }
        Walk walk = new Walk(key, head.length);
        for (int i = 0; i < shapes.length; i++) {
            starts[i] = walk.at;
            walk.over(shapes[i], 0);
            ends[i] = walk.at;
        }
        return walk.at == key.length;
    }

    /** A walk over one key; stands at {@link #BEYOND} once a step led over the end. */
    private static final class Walk {
        private final byte[] key;
        private int at;

        Walk(byte[] key, int from) {
            this.key = key;
            this.at = from;
        }

        void over(byte[] shape, int from) {
            for (int step = from; step < shape.length; step++) {
                switch (shape[step]) {
                    case NUMBER -> number();
                    case BYTES -> skip(number());
                    case ONE -> skip(1);
                    case FOUR -> skip(Float.BYTES);
                    case EIGHT -> skip(Double.BYTES);
                    case ARRAY -> {
                        array(shape, step + 1);
                        return;
                    }
                    default -> throw new IllegalStateException("unknown step " + shape[step]);
                }
            }
        }

        private void array(byte[] shape, int element) {
            for (long count = number(); count != 0; count = number()) {
                if (count < 0) {
                    // A block that tells its bytes: not how we write, and nothing to guess about.
                    at = BEYOND;
                }
                for (long i = 0; i < count && at != BEYOND; i++) {
                    if (number() != NULL_BRANCH) {
                        over(shape, element);
                    }
                }
                if (at == BEYOND) {
                    return;
                }
            }
        }

        private void skip(long bytes) {
            at = at == BEYOND || bytes < 0 || bytes > key.length - at ? BEYOND : at + (int) bytes;
        }

        private long number() {
            long zigzag = 0;
            for (int shift = 0; shift < Long.SIZE && at != BEYOND && at < key.length; shift += 7) {
                byte next = key[at++];
                zigzag |= (next & 0x7FL) << shift;
                if (next >= 0) {
                    return (zigzag >>> 1) ^ -(zigzag & 1);
                }
            }
            at = BEYOND;
            return 0;
        }
    }
}
