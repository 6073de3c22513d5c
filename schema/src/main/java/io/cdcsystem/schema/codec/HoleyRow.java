package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.template.DeleteTemplate;
import io.cdcsystem.schema.template.KeyLayout;
import java.util.Arrays;

/** The {@code before} of a delete of which the key alone is known: its fields are left open, the rest is substituted. */
final class HoleyRow {
    private final int[] holes;
    private final int[] fields;

    /** Writes the columns as {@link RowEncoder} writes a row that holds nothing but its key. */
    HoleyRow(ColumnWriter[] columns, int[] keyIndexes, ByteSink out) {
        holes = new int[keyIndexes.length];
        fields = new int[keyIndexes.length];
        int count = 0;
        for (int i = 0; i < columns.length; i++) {
            out.put(columns[i].label());
            int field = indexOf(keyIndexes, i);
            if (field < 0) {
                out.put(columns[i].substitute());
            } else {
                holes[count] = out.position();
                fields[count++] = field;
            }
        }
        if (count != keyIndexes.length) {
            throw new IllegalStateException("a key names a column twice: " + Arrays.toString(keyIndexes));
        }
    }

    /** The template around the row. */
    DeleteTemplate template(KeyLayout keys, byte[] value) {
        return new DeleteTemplate(keys, value, holes, fields);
    }

    private static int indexOf(int[] keyIndexes, int column) {
        for (int i = 0; i < keyIndexes.length; i++) {
            if (keyIndexes[i] == column) {
                return i;
            }
        }
        return -1;
    }
}
