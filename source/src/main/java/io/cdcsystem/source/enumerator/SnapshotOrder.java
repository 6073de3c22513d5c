package io.cdcsystem.source.enumerator;

import org.jspecify.annotations.Nullable;

/**
 * A further snapshot of a table that somebody asked for.
 *
 * @param condition which rows, in SQL; null for all
 */
public record SnapshotOrder(@Nullable String condition) {
    /** All rows. */
    public static final SnapshotOrder WHOLE = new SnapshotOrder(null);
}
