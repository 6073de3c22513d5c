package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.row.RowWriter;

/**
 * Turns one value from the wire into one whole field of a row: length and payload in the layout of its column's kind.
 *
 * <p>Stateless, shared by threads. Bytes that the type does not allow are a {@code PROTOCOL_VIOLATION}.
 */
public interface FieldDecoder {

    /** From the form that the type's send function writes: COPY BINARY, and pgoutput with {@code binary}. */
    void binary(byte[] array, int offset, int length, RowWriter out);

    /** From the form that the type's output function writes, under {@link TextSettings}. */
    void text(byte[] array, int offset, int length, RowWriter out);
}
