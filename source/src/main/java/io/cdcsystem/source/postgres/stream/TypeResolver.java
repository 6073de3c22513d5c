package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.source.postgres.type.PgType;

/** Looks types up while relations are learned; the catalog in production, a table of constants in tests. */
interface TypeResolver {

    /** Called before the types of a relation are resolved: what users can alter is to be looked at afresh. */
    void refresh();

    /** The type of that oid (unsigned) with that modifier (-1 for none). */
    PgType resolve(int oid, int typmod);
}
