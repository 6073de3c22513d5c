/**
 * Looks at everything that could stand in the way of a pipeline, and names the statement that mends it.
 *
 * <p>Blocking JDBC; objects belong to the thread that uses their connection. Nothing here knows Flink.
 */
@NullMarked
package io.cdcsystem.source.postgres.preflight;

import org.jspecify.annotations.NullMarked;
