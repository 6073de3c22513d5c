package io.cdcsystem.schema.template;

import java.util.Arrays;

/**
 * Keys in JSON as we write them: names at their places, no blanks between.
 *
 * @param head everything before the first name, with the schema where keys carry it
 * @param labels per field its name with colon, and with the comma before it from the second on
 * @param tail everything behind the last value
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record JsonKeyLayout(byte[] head, byte[][] labels, byte[] tail) implements KeyLayout {
    private static final int BEYOND = -1;

    @Override
    public int fieldCount() {
        return labels.length;
    }

    @Override
    public boolean slice(byte[] key, int[] starts, int[] ends) {
        int at = literal(key, 0, head);
        for (int i = 0; i < labels.length && at != BEYOND; i++) {
            at = literal(key, at, labels[i]);
            starts[i] = at;
            at = at == BEYOND ? BEYOND : value(key, at);
            ends[i] = at;
        }
        return at != BEYOND && literal(key, at, tail) == key.length;
    }

    private static int literal(byte[] key, int at, byte[] expected) {
        int end = at + expected.length;
        return end <= key.length && Arrays.equals(key, at, end, expected, 0, expected.length) ? end : BEYOND;
    }

    /** The end of the value that begins at {@code from}: at the first comma or bracket that does not belong to it. */
    private static int value(byte[] key, int from) {
        int depth = 0;
        int at = from;
        while (at < key.length) {
            switch (key[at]) {
                case '"' -> {
                    at = stringEnd(key, at + 1);
                    if (at == BEYOND) {
                        return BEYOND;
                    }
                }
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (depth == 0) {
                        return at == from ? BEYOND : at;
                    }
                    depth--;
                }
                case ',' -> {
                    if (depth == 0) {
                        return at == from ? BEYOND : at;
                    }
                }
                default -> {
                    // A character of a number or a literal.
                }
            }
            at++;
        }
        return BEYOND;
    }

    private static int stringEnd(byte[] key, int from) {
        for (int at = from; at < key.length; at++) {
            if (key[at] == '\\') {
                at++;
            } else if (key[at] == '"') {
                return at;
            }
        }
        return BEYOND;
    }
}
