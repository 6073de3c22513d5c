/**
 * For programs that read the topics: positions out of headers, repeats told apart, Avro values by schema id.
 *
 * <p>Free of Flink. Every class belongs to the thread of its Kafka consumer. Depends on {@code schema}'s vocabulary and
 * registry and on the Kafka client.
 */
@NullMarked
package io.cdcsystem.consumer;

import org.jspecify.annotations.NullMarked;
