package io.cdcsystem.schema.field;

/** Writes one value of one column type in one format. Stateless, compiled once per column. */
@FunctionalInterface
public interface FieldEncoder {
    /** Writes the value whose payload, laid out as its kind says, is {@code array[offset, offset + length)}. */
    void encode(byte[] array, int offset, int length, ByteSink out);

    /** A value alone, for constants that are encoded ahead. */
    default byte[] encode(byte[] payload) {
        ByteSink out = new ByteSink();
        encode(payload, 0, payload.length, out);
        return out.toByteArray();
    }
}
