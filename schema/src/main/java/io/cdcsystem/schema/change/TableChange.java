package io.cdcsystem.schema.change;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change of a table's definition.
 *
 * @param before the version that ends here; null where the table is new to us
 * @param after the version that begins here; null where the table is dropped. Another name than {@code before}'s where the
 *     table was renamed
 * @param renamedColumns old names to new ones, as far as they can be told from a dropped and an added column
 * @param rewritten whether the database wrote all rows anew without an event for each: the table has to be read again
 * @param origin how it became known
 * @param statement the DDL's text; null where it is not known
 */
public record TableChange(
        @Nullable TableSchema before,
        @Nullable TableSchema after,
        Map<String, String> renamedColumns,
        boolean rewritten,
        ChangeOrigin origin,
        @Nullable String statement)
        implements Serializable {

    /** Rejects a change of nothing, and renamed columns that the versions do not have. */
    public TableChange {
        Objects.requireNonNull(origin, "origin");
        renamedColumns = Map.copyOf(renamedColumns);
        if (before == null && after == null) {
            throw new IllegalArgumentException("a change has a version before or behind it");
        }
        for (Map.Entry<String, String> renamed : renamedColumns.entrySet()) {
            boolean known = before != null
                    && after != null
                    && before.indexOf(renamed.getKey()) >= 0
                    && after.indexOf(renamed.getValue()) >= 0;
            if (!known) {
                throw new IllegalArgumentException("no column was renamed like " + renamed);
            }
        }
    }

    /** A table whose first version this is to us. */
    public static TableChange first(TableSchema table, ChangeOrigin origin) {
        return new TableChange(null, table, Map.of(), false, origin, null);
    }

    /** Rows came in another form. */
    public static TableChange inferred(@Nullable TableSchema before, TableSchema after) {
        return new TableChange(before, after, Map.of(), false, ChangeOrigin.INFERRED, null);
    }

    /** The table that it is about: under its old name where it was renamed or dropped. */
    public TableId table() {
        return before == null ? Objects.requireNonNull(after, "after").id() : before.id();
    }
}
