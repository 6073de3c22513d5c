package io.cdcsystem.source.enumerator;

import io.cdcsystem.source.split.ChunkRange;
import java.util.Objects;

/**
 * A chunk that was planned and is not known to be read.
 *
 * @param number counts the table's chunks within its run, from 0
 * @param range which rows
 */
public record PendingChunk(int number, ChunkRange range) {

    /** Rejects a negative number. */
    public PendingChunk {
        Objects.requireNonNull(range, "range");
        if (number < 0) {
            throw new IllegalArgumentException("negative chunk number " + number);
        }
    }
}
