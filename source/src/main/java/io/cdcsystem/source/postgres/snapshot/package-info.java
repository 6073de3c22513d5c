/**
 * Cuts a table into chunks and reads a chunk's rows by binary COPY under an imported snapshot.
 *
 * <p>{@code Cut} says what a chunk's bounds are. {@code ChunkPlanner} makes them, outside of any snapshot;
 * {@code ChunkOpener} reads what lies between them, and finds out before whether the snapshot still shows it.
 *
 * <p>Blocking JDBC; objects belong to the thread that uses their connection. Nothing here knows Flink.
 */
@NullMarked
package io.cdcsystem.source.postgres.snapshot;

import org.jspecify.annotations.NullMarked;
