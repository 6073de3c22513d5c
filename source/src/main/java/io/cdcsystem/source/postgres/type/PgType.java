package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.table.ColumnType;

/**
 * A column's PostgreSQL type, resolved: domains to their base, typmod to precision and scale.
 *
 * @param oid the type's oid, before domains are resolved
 * @param name the type as SQL prints it ({@code format_type})
 * @param columnType what carries its values
 * @param known whether {@code decoder} reads the binary form; otherwise values have to be asked for as text
 * @param decoder reads its values
 */
public record PgType(int oid, String name, ColumnType columnType, boolean known, FieldDecoder decoder) {}
