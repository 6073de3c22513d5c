package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.RefusalReason;
import io.cdcsystem.source.protocol.SchemaReply;
import java.util.List;

/** What one fetch brought: emitted as a whole or not at all. */
sealed interface ReadBatch {

    /** The events, in order. */
    default List<SourceEvent> events() {
        return List.of();
    }

    /**
     * Rows of a chunk.
     *
     * @param events the rows
     * @param bytes their bytes
     */
    record Rows(List<SourceEvent> events, long bytes) implements ReadBatch {}

    /**
     * A chunk is through.
     *
     * @param millis how long the database took to give its rows
     */
    record ChunkEnded(long millis) implements ReadBatch {}

    /**
     * A chunk could not be read to its end.
     *
     * @param reason what kind of reason there is
     * @param why what the database said
     */
    record ChunkRefused(RefusalReason reason, String why) implements ReadBatch {}

    /**
     * Changes of the log, and the position behind them.
     *
     * @param batch both
     */
    record Changes(LogBatch batch) implements ReadBatch {
        @Override
        public List<SourceEvent> events() {
            return batch.events();
        }
    }

    /**
     * The batches behind this one are of these tables.
     *
     * @param request what was asked
     */
    record Captured(LogRequest.CaptureTables request) implements ReadBatch {}

    /**
     * Everything that the run of the request saw is in the batches before this one.
     *
     * @param request what was asked
     * @param event says so downstream
     */
    record Swept(LogRequest.SweepTable request, SnapshotCompleted event) implements ReadBatch {
        @Override
        public List<SourceEvent> events() {
            return List.of(event);
        }
    }

    /** Every change before the log's end is in the batches before this one. */
    record LogEnded() implements ReadBatch {}

    /**
     * The ruling on a table version has come.
     *
     * @param ruling what it is
     */
    record Ruled(SchemaReply.Ruled ruling) implements ReadBatch {}
}
