/**
 * Reads PostgreSQL's log: from pgoutput messages to batches of events with exact positions.
 *
 * <p>{@code BatchAssembler} and {@code RelationCache} are pure; {@code ReplicationSession} owns the connection. One reader
 * belongs to one fetcher thread, beside which a daemon thread reports the status. Depends on {@code schema},
 * {@code source.database}, {@code source.split} and the packages beside it.
 */
@NullMarked
package io.cdcsystem.source.postgres.stream;

import org.jspecify.annotations.NullMarked;
