package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.source.protocol.ReaderReport;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.metrics.Counter;

/**
 * Emits a batch in one call, as far as its table versions are admitted, and moves the split's state behind it. A checkpoint barrier falls between two calls only, so
 * it splits no transaction that fits a batch, and never separates events from the position behind them. Task thread only, except
 * {@link #hasLogEnded()}.
 */
final class CdcRecordEmitter implements RecordEmitter<ReadBatch, SourceEvent, SplitState> {
    private static final long MICROS_PER_MILLI = 1000;

    private final Consumer<ReaderReport> reports;
    private final VersionAdmissions admissions;
    private final Consumer<Boolean> brake;
    private final Counter eventsRead;
    private final Counter recordsIn;
    private volatile boolean logEnded;

    /**
     * An emitter that counts.
     *
     * @param reports takes what the enumerator is to know
     * @param admissions the table versions that may be emitted
     * @param brake told whether the log is not to be read further for now
     * @param recordsIn Flink's own counter, which counts a batch as one record unless corrected
     */
    CdcRecordEmitter(
            Consumer<ReaderReport> reports,
            VersionAdmissions admissions,
            Consumer<Boolean> brake,
            Counter eventsRead,
            Counter recordsIn) {
        this.reports = reports;
        this.admissions = admissions;
        this.brake = brake;
        this.eventsRead = eventsRead;
        this.recordsIn = recordsIn;
    }

    /** Announces each version before its first event. */
    private final class Emission implements GateOutput {
        private final SourceOutput<SourceEvent> output;

        Emission(SourceOutput<SourceEvent> output) {
            this.output = output;
        }

        @Override
        public void handOver(SourceEvent event) {
            long millis = Math.floorDiv(event.transaction().commitMicros(), MICROS_PER_MILLI);
            Admission admission = admissions.announce(event.table());
            if (admission != null) {
                output.collect(VersionAdmitted.before(event, admission), millis);
            }
            output.collect(event, millis);
        }

        @Override
        public void report(ReaderReport report) {
            logEnded |= report instanceof ReaderReport.LogEndReached;
            reports.accept(report);
        }
    }

    @Override
    public void emitRecord(ReadBatch batch, SourceOutput<SourceEvent> output, SplitState state) {
        Emission emission = new Emission(output);
        if (state instanceof LogState log) {
            advance(log, batch, emission);
            brake.accept(log.gate().isFull());
        } else if (state instanceof ChunkState chunk) {
            List<SourceEvent> rows = batch.events();
            for (int i = 0; i < rows.size(); i++) {
                emission.handOver(rows.get(i));
            }
            advance(chunk, batch);
        }
        int events = batch.events().size();
        eventsRead.inc(events);
        recordsIn.inc(events - 1L);
    }

    private static void advance(LogState log, ReadBatch batch, GateOutput output) {
        LogGate gate = log.gate();
        if (batch instanceof ReadBatch.Changes changes) {
            gate.read(changes.batch(), log.point(), output);
            log.advance(changes.batch());
            changes.batch().signals().forEach(signal -> output.report(new ReaderReport.SignalArrived(signal)));
        } else if (batch instanceof ReadBatch.Captured captured) {
            gate.forget(log.capture(captured.request().tables()), output);
            output.report(new ReaderReport.TablesCaptured(captured.request().revision()));
        } else if (batch instanceof ReadBatch.Swept swept) {
            gate.sweep(swept, output);
        } else if (batch instanceof ReadBatch.Ruled ruled) {
            gate.ruled(ruled.ruling(), output);
        } else if (batch instanceof ReadBatch.LogEnded) {
            gate.end(output);
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
