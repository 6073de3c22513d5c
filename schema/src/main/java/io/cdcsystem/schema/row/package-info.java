/**
 * Rows as bytes: the one representation between a database's decoder and the topics' encoders.
 *
 * <p>{@code Row} is an immutable slice, {@code RowWriter} the decoders' reusable writer and {@code RowCursor} the encoders'
 * reusable reader; the latter two belong to one thread. Depends on nothing of ours but {@code error}.
 */
@NullMarked
package io.cdcsystem.schema.row;

import org.jspecify.annotations.NullMarked;
