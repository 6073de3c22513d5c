package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import java.util.List;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.metrics.Counter;

/**
 * Emits a batch in one call, and moves the split's state behind it. A checkpoint barrier falls between two calls only, so
 * it splits no transaction that fits a batch, and never separates events from the position behind them. Task thread only, except
 * {@link #hasLogEnded()}.
 */
final class CdcRecordEmitter implements RecordEmitter<ReadBatch, SourceEvent, SplitState> {
    private static final long MICROS_PER_MILLI = 1000;

    private final Counter eventsRead;
    private final Counter recordsIn;
    private volatile boolean logEnded;

    /**
     * An emitter that counts.
     *
     * @param recordsIn Flink's own counter, which counts a batch as one record unless corrected
     */
    CdcRecordEmitter(Counter eventsRead, Counter recordsIn) {
        this.eventsRead = eventsRead;
        this.recordsIn = recordsIn;
    }

    @Override
    public void emitRecord(ReadBatch batch, SourceOutput<SourceEvent> output, SplitState state) {
        List<SourceEvent> events = batch.events();
        for (int i = 0; i < events.size(); i++) {
            SourceEvent event = events.get(i);
            output.collect(event, Math.floorDiv(event.transaction().commitMicros(), MICROS_PER_MILLI));
        }
        if (state instanceof LogState log && batch instanceof ReadBatch.Changes changes) {
            log.advance(changes.batch());
        } else if (state instanceof ChunkState chunk && batch instanceof ReadBatch.Rows) {
            chunk.emitted(events.size());
        } else if (state instanceof LogState && batch instanceof ReadBatch.LogEnded) {
            logEnded = true;
        } else {
            throw new IllegalStateException(batch + " does not belong to " + state);
        }
        eventsRead.inc(events.size());
        recordsIn.inc(events.size() - 1L);
    }

    /** Whether every change before the log's end was emitted. Any thread. */
    boolean hasLogEnded() {
        return logEnded;
    }
}
