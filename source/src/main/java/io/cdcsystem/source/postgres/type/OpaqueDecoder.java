package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.RowWriter;

/** Types of which only the text form can be carried. */
final class OpaqueDecoder implements FieldDecoder {
    private final String name;

    /** A type called {@code name} for messages. */
    OpaqueDecoder(String name) {
        this.name = name;
    }

    @Override
    public void binary(byte[] array, int offset, int length, RowWriter out) {
        throw new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "a value of type " + name + " came in binary form although its text was asked for;"
                        + " this is a defect of the reader: report it");
    }

    @Override
    public void text(byte[] array, int offset, int length, RowWriter out) {
        out.writeField(array, offset, length);
    }
}
