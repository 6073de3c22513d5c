/**
 * What people ask of a running capture: signals as they arrive, and the commands they mean.
 *
 * <p>Pure values and their parser, free of Flink, JDBC and Kafka. Depends on {@code schema} only
 * (and on a JSON parser).
 */
@NullMarked
package io.cdcsystem.source.signal;

import org.jspecify.annotations.NullMarked;
