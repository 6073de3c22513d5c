package io.cdcsystem.source.postgres.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A column as {@code pg_attribute} has it.
 *
 * @param name its name
 * @param typeOid its type's oid, unsigned
 * @param typmod its type's modifier, -1 for none
 * @param notNull whether it is declared NOT NULL
 * @param defaultExpression the default as {@code pg_get_expr} prints it; null where there is none
 * @param computed whether the server gives the value without a default: an identity or a generated column
 */
public record CatalogColumn(
        String name,
        int typeOid,
        int typmod,
        boolean notNull,
        @Nullable String defaultExpression,
        boolean computed) {}
