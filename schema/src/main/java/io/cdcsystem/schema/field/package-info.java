/**
 * One column's value in the topics' formats: readers of the row layout and writers of JSON, Avro and header text.
 *
 * <p>A {@code FieldEncoder} is compiled once per column and holds no state of its own; {@code ByteSink} belongs to one
 * thread. Depends on {@code row}, {@code table} and {@code error}.
 */
@NullMarked
package io.cdcsystem.schema.field;

import org.jspecify.annotations.NullMarked;
