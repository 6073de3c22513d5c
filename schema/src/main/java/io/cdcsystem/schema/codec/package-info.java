/**
 * From rows to record bytes: one encoder per table version and format, compiled once.
 *
 * <p>An encoder owns a buffer and belongs to one thread. Depends on {@code envelope}, {@code field}, {@code event},
 * {@code row}, {@code table},
 * {@code template} and {@code error}.
 */
@NullMarked
package io.cdcsystem.schema.codec;

import org.jspecify.annotations.NullMarked;
