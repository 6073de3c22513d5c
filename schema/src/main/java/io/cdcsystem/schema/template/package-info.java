/**
 * Records made of a key's bytes alone: the delete of a row that nobody has read.
 *
 * <p>Immutable values, free of threads. Depends on nothing.
 */
@NullMarked
package io.cdcsystem.schema.template;

import org.jspecify.annotations.NullMarked;
