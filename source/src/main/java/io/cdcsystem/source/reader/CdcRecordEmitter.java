package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.protocol.ReaderReport;
import java.util.List;
import java.util.function.Consumer;
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

    private final Consumer<ReaderReport> reports;
    private final Counter eventsRead;
    private final Counter recordsIn;
    private volatile boolean logEnded;

    /**
     * An emitter that counts.
     *
     * @param reports takes what the enumerator is to know
     * @param recordsIn Flink's own counter, which counts a batch as one record unless corrected
     */
    CdcRecordEmitter(Consumer<ReaderReport> reports, Counter eventsRead, Counter recordsIn) {
        this.reports = reports;
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
        if (state instanceof LogState log) {
            advance(log, batch);
        } else if (state instanceof ChunkState chunk) {
            advance(chunk, batch);
        }
        eventsRead.inc(events.size());
        recordsIn.inc(events.size() - 1L);
    }

    private void advance(LogState log, ReadBatch batch) {
        if (batch instanceof ReadBatch.Changes changes) {
            log.advance(changes.batch());
            changes.batch().signals().forEach(signal -> reports.accept(new ReaderReport.SignalArrived(signal)));
        } else if (batch instanceof ReadBatch.Captured captured) {
            log.capture(captured.request().tables());
            reports.accept(new ReaderReport.TablesCaptured(captured.request().revision()));
        } else if (batch instanceof ReadBatch.Swept swept) {
            reports.accept(new ReaderReport.TableSwept(
                    swept.request().table().id(), swept.request().oldest().run()));
        } else if (batch instanceof ReadBatch.LogEnded) {
            logEnded = true;
            reports.accept(new ReaderReport.LogEndReached());
        } else {
            throw new IllegalStateException(batch + " does not belong to the log");
        }
    }

    private static void advance(ChunkState chunk, ReadBatch batch) {
        if (batch instanceof ReadBatch.Rows rows) {
            chunk.emitted(rows);
        } else if (batch instanceof ReadBatch.ChunkEnded ended) {
            chunk.ended(ended);
        } else if (batch instanceof ReadBatch.ChunkRefused refused) {
            chunk.refused(refused);
        } else {
            throw new IllegalStateException(batch + " does not belong to a chunk");
        }
    }

    /** Whether every change before the log's end was emitted. Any thread. */
    boolean hasLogEnded() {
        return logEnded;
    }
}
