/**
 * For programs that read the topics: keys and values in the schema they want, positions out of headers, repeats told apart.
 *
 * <p>Free of Flink. Every class belongs to the thread of its Kafka consumer. Depends on {@code schema}'s vocabulary and
 * registry, on Avro, Jackson and the Kafka client.
 */
@NullMarked
package io.cdcsystem.consumer;

import org.jspecify.annotations.NullMarked;
