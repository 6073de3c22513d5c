package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table with what only PostgreSQL knows of it.
 *
 * @param oid its oid
 * @param partitioned whether its rows lie in partitions
 * @param replicaIdentity {@code pg_class.relreplident}: d, n, f or i
 * @param keyLogged whether the replica identity logs every key column: without it a changed or deleted key is unknown
 * @param declaredKey whether {@code schema}'s key is a PRIMARY KEY rather than another unique index
 * @param schema the captured columns and the key
 * @param types the captured columns' types, in the order of the columns
 * @param rowFilter which rows are captured, as one SQL condition over the table's columns: the configured one, else that of
 *     the publication; null for all. The log gives only these, so every reading of the table must ask for the same
 */
public record PgTable(
        long oid,
        boolean partitioned,
        char replicaIdentity,
        boolean keyLogged,
        boolean declaredKey,
        TableSchema schema,
        List<PgType> types,
        @Nullable String rowFilter) {

    /** Rejects types that do not belong to the columns. */
    public PgTable {
        types = List.copyOf(types);
        if (types.size() != schema.columns().size()) {
            throw new IllegalArgumentException(
                    types.size() + " types for " + schema.columns().size() + " columns of " + schema.id());
        }
    }
}
