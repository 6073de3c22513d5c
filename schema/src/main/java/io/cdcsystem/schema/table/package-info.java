/**
 * What a table, a column and a column's type are, for every database alike.
 *
 * <p>Immutable values; free of threads. Depends on nothing of ours but {@code error}.
 */
@NullMarked
package io.cdcsystem.schema.table;

import org.jspecify.annotations.NullMarked;
