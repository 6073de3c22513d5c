/**
 * From source events to encoded change events: per table version the encoder is compiled and its schemas are registered
 * before the first event that uses them.
 *
 * <p>{@code ChangeTranslator} is the pure mapping, {@code SchemaOperator} its Flink shell; all of it runs in one task's
 * thread. Depends on the vocabulary, {@code codec}, {@code envelope} and {@code registry}.
 */
@NullMarked
package io.cdcsystem.schema.evolution;

import org.jspecify.annotations.NullMarked;
