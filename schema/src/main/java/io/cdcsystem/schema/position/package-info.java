/**
 * Where a change stands in its source's history, and what a snapshot could see.
 *
 * <p>Pure values, free of Flink, JDBC and Kafka. Depends on nothing of ours but {@code error}.
 */
@NullMarked
package io.cdcsystem.schema.position;

import org.jspecify.annotations.NullMarked;
