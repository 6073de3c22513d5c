/**
 * Keyed deduplication: per record key, what was published last, and the pure rule that says whether an event adds to it.
 *
 * <p>{@code DedupRule}, {@code KeyState} and {@code Generations} are free of Flink; {@code DedupOperator} is the thin
 * adapter. Values are immutable; operator and generations belong to one task thread. Depends on {@code schema} and on
 * {@code sink} for the record that it hands over.
 */
@NullMarked
package io.cdcsystem.dedup;

import org.jspecify.annotations.NullMarked;
