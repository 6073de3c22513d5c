/**
 * What surrounds a row in a topic: topic names and the schemas of keys and values, as Debezium publishes them.
 *
 * <p>Pure functions over immutable values, run once per table version. Depends on {@code table}, {@code field} and
 * {@code error}, and on Jackson for reading the schema documents of JSON records back.
 */
@NullMarked
package io.cdcsystem.schema.envelope;

import org.jspecify.annotations.NullMarked;
