package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Compares the two images of an update, without an object per field. Belongs to one thread; the answers hold until the next
 * {@link #compare}.
 */
final class RowImages {
    private final boolean[] keyColumns;
    private final RowCursor old = new RowCursor();
    private final RowCursor fresh = new RowCursor();
    private final RowWriter writer = new RowWriter();
    private boolean keyChanged;
    private boolean beforeLogged;
    private boolean mendable;

    RowImages(TableSchema table) {
        keyColumns = new boolean[table.columns().size()];
        for (int index : table.keyIndexes()) {
            keyColumns[index] = true;
        }
    }

    void compare(Row before, Row after) {
        keyChanged = false;
        mendable = false;
        boolean complete = true;
        boolean beyondKey = false;
        old.wrap(before);
        fresh.wrap(after);
        for (boolean keyColumn : keyColumns) {
            step();
            boolean logged = old.length() != Row.ABSENT;
            complete &= logged;
            beyondKey |= logged && !keyColumn;
            mendable |= keyColumn && old.hasValue() && fresh.length() == Row.UNCHANGED;
            keyChanged |= keyColumn && old.hasValue() && fresh.length() != Row.UNCHANGED && !sameField();
        }
        beforeLogged = beyondKey || complete;
    }

    /** Whether the key's columns differ, as far as the old ones were logged. */
    boolean keyChanged() {
        return keyChanged;
    }

    /**
     * Whether the old image says more than the key: with the default replica identity it holds the key alone, and only
     * where that changed.
     */
    boolean beforeLogged() {
        return beforeLogged;
    }

    /**
     * The new image, with key columns that were not logged because they did not change taken from the old one. The
     * encoder does so for the other columns, where it costs no copy of the row.
     */
    Row mended(Row before, Row after) {
        if (!mendable) {
            return after;
        }
        old.wrap(before);
        fresh.wrap(after);
        for (int i = 0; i < keyColumns.length; i++) {
            step();
            RowCursor source = fresh.length() == Row.UNCHANGED && old.hasValue() ? old : fresh;
            if (source.hasValue()) {
                writer.writeField(source.array(), source.offset(), source.length());
            } else {
                writer.writeInt(source.length());
            }
        }
        return writer.finish();
    }

    /** Index of the first key column that {@code row} has no value of; -1 where it has all, or there is no key. */
    int missingKeyColumn(@Nullable Row row) {
        if (row != null) {
            old.wrap(row);
        }
        for (int i = 0; i < keyColumns.length; i++) {
            if (row != null && !old.next()) {
                throw new IllegalStateException("a row has fewer fields than its table has columns");
            }
            if (keyColumns[i] && (row == null || !old.hasValue())) {
                return i;
            }
        }
        return -1;
    }

    private void step() {
        if (!old.next() || !fresh.next()) {
            throw new IllegalStateException("a row has fewer fields than its table has columns");
        }
    }

    private boolean sameField() {
        return fresh.hasValue()
                && Arrays.equals(
                        old.array(),
                        old.offset(),
                        old.offset() + old.length(),
                        fresh.array(),
                        fresh.offset(),
                        fresh.offset() + fresh.length());
    }
}
