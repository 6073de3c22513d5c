/**
 * What flows through the job: {@code SourceEvent}s from the readers to the schema operator, {@code ChangeEvent}s behind it.
 *
 * <p>Immutable values and their versioned Flink serializers. Depends on {@code table}, {@code row} and {@code position}.
 */
@NullMarked
package io.cdcsystem.schema.event;

import org.jspecify.annotations.NullMarked;
