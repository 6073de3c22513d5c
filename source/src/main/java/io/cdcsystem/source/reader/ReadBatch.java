package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.database.LogBatch;
import java.util.List;

/** What one fetch brought: emitted as a whole or not at all. */
sealed interface ReadBatch {

    /** The events, in order. */
    List<SourceEvent> events();

    /**
     * Rows of a chunk.
     *
     * @param events the rows
     */
    record Rows(List<SourceEvent> events) implements ReadBatch {}

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

    /** Every change before the log's end is in the batches before this one. */
    record LogEnded() implements ReadBatch {
        @Override
        public List<SourceEvent> events() {
            return List.of();
        }
    }
}
