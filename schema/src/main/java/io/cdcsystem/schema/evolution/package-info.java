/**
 * From source events to encoded change events: each table version is published as it was admitted, under its own schema,
 * in the words of an earlier version, or to the dead-letter topic.
 *
 * <p>{@code ChangeTranslator} is the pure mapping, {@code SchemaOperator} its Flink shell; all of it runs in one task's
 * thread. Depends on the vocabulary, {@code codec} and {@code envelope}.
 */
@NullMarked
package io.cdcsystem.schema.evolution;

import org.jspecify.annotations.NullMarked;
