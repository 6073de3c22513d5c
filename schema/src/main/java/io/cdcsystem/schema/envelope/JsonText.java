package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.field.ByteSink;
import java.nio.charset.StandardCharsets;

/** Strings as JSON literals. */
public final class JsonText {
    private JsonText() {}

    /** The string in quotes, escaped. */
    public static String quote(String text) {
        return new String(quoteToBytes(text), StandardCharsets.UTF_8);
    }

    /** The string in quotes, escaped, in UTF-8. */
    public static byte[] quoteToBytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteSink out = new ByteSink();
        out.put('"');
        out.putJsonEscaped(utf8, 0, utf8.length);
        out.put('"');
        return out.toByteArray();
    }

    /** Bytes as Avro's JSON spells them: one character of the same code each. */
    static String latin1(byte[] bytes, int offset) {
        return quote(new String(bytes, offset, bytes.length - offset, StandardCharsets.ISO_8859_1));
    }
}
