package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Objects;

/**
 * A table version that the schema authority has admitted.
 *
 * @param table the version
 * @param admission how its rows are published
 * @param position where the change stands that last led to it: that change needs no further ruling
 */
public record AdmittedVersion(TableSchema table, Admission admission, Position position) {

    /** Rejects missing parts. */
    public AdmittedVersion {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(admission, "admission");
        Objects.requireNonNull(position, "position");
    }
}
