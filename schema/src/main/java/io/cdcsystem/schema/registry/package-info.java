/**
 * The schema registry, spoken to over Confluent's REST API: schemas in, ids out, and back; and, for whoever answers for the
 * schemas of a pipeline, subjects with their versions and levels.
 *
 * <p>The {@code Http} classes talk, the {@code Caching} ones remember, so that producers and consumers go on while the
 * registry is down. All may be used by several threads. Depends on {@code error}, on {@code compatibility} for the levels'
 * names, on the JDK's HTTP client, Jackson and Avro; free of Flink, since consumers use it too.
 */
@NullMarked
package io.cdcsystem.schema.registry;

import org.jspecify.annotations.NullMarked;
