/**
 * Cuts a table into chunks and reads a chunk's rows by binary COPY under an imported snapshot.
 *
 * <p>Blocking JDBC; objects belong to the thread that uses their connection. Nothing here knows Flink.
 */
@NullMarked
package io.cdcsystem.source.postgres.snapshot;

import org.jspecify.annotations.NullMarked;
