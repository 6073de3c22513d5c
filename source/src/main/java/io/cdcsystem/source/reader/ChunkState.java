package io.cdcsystem.source.reader;

import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.SnapshotSplit;

/** A chunk in reading. It has no position: a chunk is read again as a whole. Task thread only. */
final class ChunkState implements SplitState {
    private final SnapshotSplit split;
    private long rows;

    ChunkState(SnapshotSplit split) {
        this.split = split;
    }

    void emitted(int count) {
        rows += count;
    }

    FinishedChunk finished() {
        return new FinishedChunk(split.table().id(), split.generation().run(), split.chunk(), rows);
    }

    @Override
    public SnapshotSplit toSplit() {
        return split;
    }
}
