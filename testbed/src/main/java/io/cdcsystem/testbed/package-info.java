/**
 * Real servers for tests, the demo and benchmarks: PostgreSQL, Kafka, a schema registry and a Flink session cluster.
 *
 * <p>By default each server is a child process of this JVM (system property {@code testbed=processes}); with
 * {@code testbed=containers} PostgreSQL, Kafka and the registry run in containers. A child process never outlives this
 * JVM, however the JVM ends: see {@link io.cdcsystem.testbed.ServerProcess}.
 *
 * <p>Threads: a server object may be used by many threads, but its life (start, kill, restart, close) belongs to one
 * at a time. Depends on Kafka, the PostgreSQL driver and Testcontainers; never on Flink or on another module.
 */
@NullMarked
package io.cdcsystem.testbed;

import org.jspecify.annotations.NullMarked;
