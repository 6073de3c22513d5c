/**
 * PostgreSQL's types: which {@code ColumnType} carries them, and how their binary and text forms become row fields.
 *
 * <p>Decoders are stateless and shared; the catalog belongs to one thread. Depends on {@code schema} only.
 */
@NullMarked
package io.cdcsystem.source.postgres.type;

import org.jspecify.annotations.NullMarked;
