package io.cdcsystem.schema.envelope;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Names as Avro allows them: letters, digits and underscores, not beginning with a digit. */
public final class AvroNames {
    private AvroNames() {}

    /** A field's name. */
    public static String name(String name) {
        StringBuilder adjusted = new StringBuilder(name.length() + 1);
        if (!name.isEmpty() && isDigit(name.charAt(0))) {
            adjusted.append('_');
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            adjusted.append(letter || isDigit(c) ? c : '_');
        }
        return adjusted.toString();
    }

    /** A name with its namespace: every part between dots is adjusted. */
    static String fullName(String name) {
        return Arrays.stream(name.split("\\.", -1)).map(AvroNames::name).collect(Collectors.joining("."));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
