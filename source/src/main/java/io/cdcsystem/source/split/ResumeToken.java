package io.cdcsystem.source.split;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where reading the log goes on: understood by its own database only, opaque to everything else.
 *
 * <p>Not a {@link io.cdcsystem.schema.position.Position}: that orders changes, this finds them.
 */
public final class ResumeToken implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    /** A token of these bytes, which are copied. */
    public ResumeToken(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** A copy of the bytes. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ResumeToken that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
