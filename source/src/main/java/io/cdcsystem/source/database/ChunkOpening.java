package io.cdcsystem.source.database;

/** What came of the attempt to open a chunk. */
public sealed interface ChunkOpening {

    /**
     * Its rows can be read.
     *
     * @param reader gives them
     */
    record Opened(ChunkReader reader) implements ChunkOpening {}

    /**
     * The generation's snapshot cannot be imported any more: the chunk is to be read under another.
     *
     * @param why what the server said
     */
    record SnapshotGone(String why) implements ChunkOpening {}

    /**
     * The table is no longer what the chunk was planned for: it was altered, truncated or rewritten, and the generation's
     * snapshot does not show its rows. The whole table is to be read again under a younger snapshot.
     *
     * @param why what has changed
     */
    record TableChanged(String why) implements ChunkOpening {}
}
