/**
 * The schema registry, spoken to over Confluent's REST API: schemas in, ids out, and back.
 *
 * <p>{@code HttpSchemaRegistry} talks, {@code CachingSchemaRegistry} remembers, so that producers and consumers go on while
 * the registry is down. Both may be used by several threads. Depends on {@code error}, on the JDK's HTTP client and Jackson;
 * free of Flink, since consumers use it too.
 */
@NullMarked
package io.cdcsystem.schema.registry;

import org.jspecify.annotations.NullMarked;
