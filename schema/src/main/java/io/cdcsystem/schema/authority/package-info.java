/**
 * Who rules on a table's versions before any event of them is published: one authority per pipeline, asked by the
 * source, answered from registry, policy and people's decisions.
 *
 * <p>Depends on {@code table}, {@code change}, {@code event} and {@code position}; free of Flink.
 */
@NullMarked
package io.cdcsystem.schema.authority;

import org.jspecify.annotations.NullMarked;
