package io.cdcsystem.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.ScriptedAuthority;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.metrics.SimpleCounter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L10")
class CdcRecordEmitterTest {
    private static final TableSchema TABLE = Samples.table("a");

    private final List<ReaderReport> reports = new ArrayList<>();
    private final SimpleCounter events = new SimpleCounter();
    private final SimpleCounter records = new SimpleCounter();
    private final VersionAdmissions admissions = new VersionAdmissions(false);
    private final CdcRecordEmitter emitter =
            new CdcRecordEmitter(reports::add, admissions, pause -> {}, events, records);

    private LogState log(LogSplit split) {
        return new LogState(split, new LogGate(admissions, null, split.handedOver()));
    }

    /** Keeps what was collected, with its timestamp. */
    private static final class Output implements SourceOutput<SourceEvent> {
        final List<SourceEvent> collected = new ArrayList<>();
        final List<Long> timestamps = new ArrayList<>();

        @Override
        public void collect(SourceEvent event) {
            throw new UnsupportedOperationException("every event has a time");
        }

        @Override
        public void collect(SourceEvent event, long timestamp) {
            collected.add(event);
            timestamps.add(timestamp);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}
    }

    @Test
    @Tag("S6")
    void one_call_emits_a_whole_transaction_and_moves_the_position_behind_it() {
        LogState state = log(new LogSplit(
                Samples.EPOCH,
                Samples.token(1),
                0,
                List.of(new CapturedTable(TABLE, Samples.generation(1))),
                List.of(),
                null));
        List<SourceEvent> transaction = List.of(
                Samples.created(TABLE, 1, 1, 0), Samples.created(TABLE, 2, 1, 1), Samples.created(TABLE, 3, 1, 2));
        Output output = new Output();
        records.inc();

        emitter.emitRecord(
                new ReadBatch.Changes(new LogBatch(transaction, Samples.token(2), 0, List.of(), List.of(), List.of())),
                output,
                state);

        VersionAdmitted announced = VersionAdmitted.before(transaction.get(0), new Admission.Publish(TABLE, 0, 0));
        assertThat(output.collected)
                .isEqualTo(List.of(announced, transaction.get(0), transaction.get(1), transaction.get(2)));
        assertThat(output.timestamps).containsOnly(2_000L);
        assertThat(state.toSplit().boundary()).isEqualTo(Samples.token(2));
        assertThat(events.getCount()).isEqualTo(3);
        assertThat(records.getCount()).isEqualTo(3);
    }

    @Test
    void a_new_table_version_replaces_the_old_one_and_keeps_its_generation() {
        LogState state = log(new LogSplit(
                Samples.EPOCH,
                Samples.token(1),
                0,
                List.of(new CapturedTable(TABLE, Samples.generation(1))),
                List.of(),
                null));
        List<Column> columns = new ArrayList<>(TABLE.columns());
        columns.add(new Column("name", ColumnType.of(ColumnType.Kind.STRING), true, null, "text"));
        TableSchema version = new TableSchema(TABLE.id(), columns, TABLE.primaryKey());

        emitter.emitRecord(
                new ReadBatch.Changes(
                        new LogBatch(List.of(), Samples.token(1), 4, List.of(version), List.of(), List.of())),
                new Output(),
                state);

        assertThat(state.toSplit())
                .isEqualTo(new LogSplit(
                        Samples.EPOCH,
                        Samples.token(1),
                        4,
                        List.of(new CapturedTable(version, Samples.generation(1))),
                        List.of(),
                        null));
    }

    @Test
    void a_chunk_counts_its_rows_and_stays_whole() {
        SnapshotSplit split =
                new SnapshotSplit(TABLE, 2, Samples.range(-1, 5), null, null, Samples.generation(1), "snapshot-1");
        ChunkState state = new ChunkState(split);
        List<SourceEvent> rows =
                List.of(Samples.read(TABLE, 1, Samples.generation(1)), Samples.read(TABLE, 2, Samples.generation(1)));

        emitter.emitRecord(new ReadBatch.Rows(rows, 100), new Output(), state);
        emitter.emitRecord(new ReadBatch.Rows(rows, 100), new Output(), state);

        assertThat(state.toSplit()).isEqualTo(split);
        assertThat(state.finished()).isEqualTo(new FinishedChunk(TABLE.id(), 1, 2, 4));
    }

    @Test
    @Tag("E3")
    void a_ruling_lets_go_what_waits_and_the_log_is_paused_meanwhile_where_all_wait() {
        List<Boolean> paused = new ArrayList<>();
        VersionAdmissions ruled = new VersionAdmissions(true);
        CdcRecordEmitter gated = new CdcRecordEmitter(reports::add, ruled, paused::add, events, records);
        LogSplit split = new LogSplit(Samples.EPOCH, Samples.token(1), 0, List.of(), List.of(), null);
        SchemaGateConfig config = ScriptedAuthority.gate("none", SchemaGateConfig.Scope.PIPELINE);
        LogState state = new LogState(split, new LogGate(ruled, config, null));
        SourceEvent row = Samples.created(TABLE, 1, 1, 0);
        Output output = new Output();

        gated.emitRecord(
                new ReadBatch.Changes(new LogBatch(List.of(row), Samples.token(2), 0, List.of(), List.of(), List.of())),
                output,
                state);
        gated.emitRecord(new ReadBatch.LogEnded(), output, state);
        assertThat(output.collected).isEmpty();
        assertThat(gated.hasLogEnded()).isFalse();
        ReaderReport.VersionAsked asked = (ReaderReport.VersionAsked) reports.get(0);
        Admission admission = new Admission.Publish(TABLE, 8, 9);
        gated.emitRecord(
                new ReadBatch.Ruled(new SchemaReply.Ruled(asked.change(), asked.position(), admission)), output, state);

        assertThat(output.collected).isEqualTo(List.of(VersionAdmitted.before(row, admission), row));
        assertThat(gated.hasLogEnded()).isTrue();
        assertThat(reports).hasSize(2).endsWith(new ReaderReport.LogEndReached());
        assertThat(paused).containsExactly(true, true, false);
    }
}
