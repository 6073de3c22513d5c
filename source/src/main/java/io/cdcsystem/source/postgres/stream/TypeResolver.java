package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks up what the log does not tell while definitions are learned; the catalog in production, constants in tests. */
interface TypeResolver {

    /** Called before the types of a relation are resolved: what users can alter is to be looked at afresh. */
    void refresh();

    /** The type of that oid (unsigned) with that modifier (-1 for none). */
    PgType resolve(int oid, int typmod);

    /** The values of constant SQL expressions in the layout of their types, in order; null for NULL, and for one that no
     * longer means anything. */
    List<@Nullable FieldValue> constants(List<String> expressions, List<PgType> types);
}
