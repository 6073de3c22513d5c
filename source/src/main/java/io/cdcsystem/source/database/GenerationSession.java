package io.cdcsystem.source.database;

import io.cdcsystem.schema.position.Generation;

/**
 * Keeps a generation's database snapshot open, so that parallel readers can import it. Used from the enumerator's I/O
 * thread only.
 */
public interface GenerationSession extends AutoCloseable {

    /** What the snapshot sees, and where its rows stand. */
    Generation generation();

    /** What a reader names to read under the same snapshot. */
    String snapshotName();

    /** Whether readers can still import it; asks the server. */
    boolean isOpen();

    /** Lets the server forget the snapshot; never throws. */
    @Override
    void close();
}
