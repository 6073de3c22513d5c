/**
 * What flows through the job: {@code SourceEvent}s from the readers to the schema operator, {@code KeyedEvent}s behind it.
 *
 * <p>Immutable values and their versioned Flink serializers. Depends on {@code table}, {@code row},
 * {@code position} and {@code template}.
 */
@NullMarked
package io.cdcsystem.schema.event;

import org.jspecify.annotations.NullMarked;
