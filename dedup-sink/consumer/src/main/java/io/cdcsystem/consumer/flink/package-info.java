/**
 * The Flink side of reading the topics: what a job of the consumer's own puts into its {@code KafkaSource}.
 *
 * <p>It stands in the consumer library, and not with the pipeline's own Flink code, because its users read topics and run
 * no pipeline: one jar serves them all. The library stays free of Flink all the same: Flink, its Kafka connector and
 * flink-avro are {@code provided} dependencies that a Flink job has anyway, nothing outside of this package refers to it, and
 * whoever does not use it never loads it.
 */
@NullMarked
package io.cdcsystem.consumer.flink;

import org.jspecify.annotations.NullMarked;
