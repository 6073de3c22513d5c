package io.cdcsystem.source.database;

import io.cdcsystem.schema.event.SourceEvent;
import java.util.List;

/** Reads one chunk's rows with memory bounded by the batch, never by the chunk. Used by one fetcher thread. */
public interface ChunkReader extends AutoCloseable {

    /** The next rows as READ events, at most {@code bytesMax} bytes and at least one row; empty at the chunk's end. */
    List<SourceEvent> next(int bytesMax);

    @Override
    void close();
}
