/**
 * The units of work: a snapshot chunk, or the log. Values and their versioned serializer.
 *
 * <p>Depends on {@code schema} only.
 */
@NullMarked
package io.cdcsystem.source.split;

import org.jspecify.annotations.NullMarked;
