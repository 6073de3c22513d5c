/**
 * What became of a table's definition, as the log tells it: the vocabulary between the databases, which see it, and the
 * schema authority, which rules on it. Pure; depends on {@code table}.
 */
@NullMarked
package io.cdcsystem.schema.change;

import org.jspecify.annotations.NullMarked;
