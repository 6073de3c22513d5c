package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.pgoutput.TupleView;
import io.cdcsystem.source.signal.Signal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The signal table as the stream describes it: its first three columns are id, type and data, whatever their names.
 * Immutable.
 */
final class SignalTable {
    private static final int COLUMNS = 3;

    private final int relation;
    private final List<Form> forms;

    /** How a column's binary form becomes text. */
    private enum Form {
        UTF_8,
        /** A version byte, then text. */
        JSONB,
        INTEGER,
        UUID,
        /** Readable in text form only. */
        OTHER
    }

    SignalTable(RelationMessage message) {
        this.relation = message.oid();
        List<Form> found = new ArrayList<>();
        for (RelationMessage.Column column :
                message.columns().subList(0, Math.min(COLUMNS, message.columns().size()))) {
            found.add(form(column.typeOid()));
        }
        this.forms = List.copyOf(found);
    }

    private static Form form(int typeOid) {
        return switch (typeOid) {
            // name, text, json, bpchar, varchar
            case 19, 25, 114, 1042, 1043 -> Form.UTF_8;
            case 3802 -> Form.JSONB;
            // int8, int2, int4
            case 20, 21, 23 -> Form.INTEGER;
            case 2950 -> Form.UUID;
            default -> Form.OTHER;
        };
    }

    /** Its oid in this session. */
    int relation() {
        return relation;
    }

    /** Whether its rows can be read where values come in binary form. */
    boolean readableAsBinary() {
        return !forms.contains(Form.OTHER);
    }

    /** The signal that an inserted row is; what it does not hold is empty. */
    Signal read(TupleView row) {
        return new Signal(text(row, 0), text(row, 1).strip(), text(row, 2));
    }

    private String text(TupleView row, int column) {
        if (column >= forms.size() || column >= row.columns()) {
            return "";
        }
        byte[] array = row.array();
        int offset = row.offset(column);
        int length = row.length(column);
        return switch (row.format(column)) {
            case TupleView.TEXT -> new String(array, offset, length, StandardCharsets.UTF_8);
            case TupleView.BINARY -> binary(forms.get(column), array, offset, length);
            default -> "";
        };
    }

    private static String binary(Form form, byte[] array, int offset, int length) {
        return switch (form) {
            case JSONB -> new String(array, offset + 1, length - 1, StandardCharsets.UTF_8);
            case INTEGER -> Long.toString(bigEndian(array, offset, length));
            case UUID ->
                new UUID(bigEndian(array, offset, Long.BYTES), bigEndian(array, offset + Long.BYTES, Long.BYTES))
                        .toString();
            case UTF_8, OTHER -> new String(array, offset, length, StandardCharsets.UTF_8);
        };
    }

    private static long bigEndian(byte[] array, int offset, int length) {
        long value = array[offset];
        for (int i = 1; i < length; i++) {
            value = (value << Byte.SIZE) | (array[offset + i] & 0xFF);
        }
        return value;
    }
}
