package io.cdcsystem.schema.authority;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change that events wait behind. Equal requests ask the same.
 *
 * @param change what happened to the table
 * @param published the versions under which the table was published before, oldest first; empty where it never was
 * @param position where in the order of the source it happened; of a snapshot, that of its generation
 * @param transaction the transaction of the change; null where none is known
 */
public record VersionRequest(
        TableChange change,
        List<TableSchema> published,
        Position position,
        @Nullable TransactionInfo transaction) implements Serializable {

    /** Copies the list. */
    public VersionRequest {
        Objects.requireNonNull(change, "change");
        Objects.requireNonNull(position, "position");
        published = List.copyOf(published);
    }
}
