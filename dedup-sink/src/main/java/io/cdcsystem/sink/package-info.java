/**
 * To Kafka: records as bytes with their headers, topics created before their first record, both delivery guarantees, and
 * the preflight check of a broker.
 *
 * <p>Configuration is immutable; a serializer instance belongs to one sink writer's thread. Depends on {@code schema}, Flink's
 * Kafka connector and kafka-clients, not on {@code dedup}.
 */
@NullMarked
package io.cdcsystem.sink;

import org.jspecify.annotations.NullMarked;
