package io.cdcsystem.source.reader;

import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.SnapshotSplit;
import org.jspecify.annotations.Nullable;

/** A chunk in reading. It has no position: a chunk is read again as a whole. Task thread only. */
final class ChunkState implements SplitState {
    private final SnapshotSplit split;
    private long rows;
    private long bytes;
    private long millis;
    private ReaderReport.@Nullable ChunkRefused refusal;

    ChunkState(SnapshotSplit split) {
        this.split = split;
    }

    void emitted(ReadBatch.Rows batch) {
        rows += batch.events().size();
        bytes += batch.bytes();
    }

    void ended(ReadBatch.ChunkEnded batch) {
        millis = batch.millis();
    }

    void refused(ReadBatch.ChunkRefused batch) {
        refusal = new ReaderReport.ChunkRefused(
                split.table().id(),
                split.generation().run(),
                split.chunk(),
                split.generation().number(),
                batch.reason(),
                batch.why());
    }

    /** What the enumerator is to be told where there was nothing to read; null where the chunk was read. */
    ReaderReport.@Nullable ChunkRefused refusal() {
        return refusal;
    }

    FinishedChunk finished() {
        return new FinishedChunk(split.table().id(), split.generation().run(), split.chunk(), rows);
    }

    ReaderReport.ChunkFinished report() {
        return new ReaderReport.ChunkFinished(finished(), bytes, millis);
    }

    @Override
    public SnapshotSplit toSplit() {
        return split;
    }
}
