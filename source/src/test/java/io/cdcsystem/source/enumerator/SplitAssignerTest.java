package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.SnapshotSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S6")
@Tag("S8")
class SplitAssignerTest {
    private static final TableSchema A = Samples.table("a");
    private static final TableId ID = A.id();

    private SplitAssigner assigner = new SplitAssigner(EnumeratorState.EMPTY, 10, 0);
    private long checkpoint;

    private void begin() {
        assigner.started(Samples.EPOCH, Samples.token(1), null, List.of(A), true);
        open();
    }

    private void open() {
        int number = assigner.nextGeneration();
        assigner.generationOpened(Samples.generation(number), "g" + number);
    }

    /** Plans the table as that many chunks, and hands all of them out. */
    private List<SnapshotSplit> takeAll(int chunks) {
        PlanRequest request = assigner.nextPlan().orElseThrow();
        List<ChunkRange> ranges = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            ranges.add(Samples.range(i - 1, i == chunks - 1 ? -1 : i));
        }
        assigner.chunksPlanned(request, new ChunkPlan(ranges, true, null, -1));
        List<SnapshotSplit> taken = new ArrayList<>();
        for (Optional<SnapshotSplit> next = assigner.nextChunk((table, position) -> true);
                next.isPresent();
                next = assigner.nextChunk((table, position) -> true)) {
            taken.add(next.get());
        }
        return taken;
    }

    private void finish(SnapshotSplit chunk) {
        assigner.chunkFinished(
                new FinishedChunk(chunk.table().id(), chunk.generation().run(), chunk.chunk(), 10), 100, 1);
    }

    private void checkpoint() {
        checkpoint++;
        assigner.checkpointTaken(checkpoint);
        assigner.checkpointCompleted(checkpoint);
    }

    private void streaming() {
        begin();
        takeAll(2).forEach(this::finish);
        checkpoint();
        assigner.takeLog();
    }

    private Stage stage() {
        return assigner.tables().statuses().get(0).stage();
    }

    @Test
    void a_checkpoint_taken_before_the_last_chunk_was_read_does_not_make_it_lasting() {
        begin();
        List<SnapshotSplit> chunks = takeAll(2);
        finish(chunks.get(0));
        assigner.checkpointTaken(1);
        finish(chunks.get(1));
        assertThat(assigner.checkpointCompleted(1)).isFalse();
        assertThat(stage()).isEqualTo(Stage.READ);
        assigner.checkpointTaken(2);
        assertThat(assigner.checkpointCompleted(2)).isTrue();
        assertThat(stage()).isEqualTo(Stage.DONE);
    }

    @Test
    void a_run_is_not_read_while_a_reader_still_has_a_chunk_of_the_run_before() {
        streaming();
        assigner.tables().order(ID, SnapshotOrder.WHOLE);
        open();
        SnapshotSplit stray = takeAll(1).get(0);
        assigner.tables().changed(ID, 2, A);
        open();
        takeAll(1).forEach(this::finish);
        checkpoint();
        assertThat(stage()).isEqualTo(Stage.READING);
        assertThat(assigner.isInUse(stray.generation().number())).isTrue();
        finish(stray);
        assertThat(stage()).isEqualTo(Stage.READ);
        assertThat(assigner.isInUse(stray.generation().number())).isFalse();
    }

    @Test
    void a_further_run_is_swept_once_its_rows_are_lasting_and_again_where_the_log_went_back() {
        streaming();
        assigner.tables().order(ID, SnapshotOrder.WHOLE);
        assertThat(assigner.needsGeneration()).isTrue();
        open();
        takeAll(3).forEach(this::finish);
        assertThat(assigner.nextSweep()).isEmpty();
        checkpoint();
        SweepOrder sweep = assigner.nextSweep().orElseThrow();
        assertThat(sweep.oldest()).isEqualTo(Samples.generation(2).inRun(2));
        assertThat(assigner.nextSweep()).as("asked once").isEmpty();
        checkpoint();
        assertThat(stage()).as("not swept yet").isEqualTo(Stage.SWEEPING);

        assigner.tables().swept(ID, 2);
        assigner.splitsBack(List.of(logBack()));
        assigner.takeLog();
        checkpoint();
        assertThat(stage()).as("the report is void").isEqualTo(Stage.SWEEPING);
        assertThat(assigner.nextSweep()).isPresent();
        assigner.tables().swept(ID, 2);
        checkpoint();
        assertThat(stage()).isEqualTo(Stage.DONE);
    }

    private io.cdcsystem.source.split.LogSplit logBack() {
        return new io.cdcsystem.source.split.LogSplit(
                Samples.EPOCH, Samples.token(4), 0, assigner.captured(), List.of(), null);
    }

    @Test
    void an_order_during_a_run_begins_when_that_is_through_and_equal_orders_are_one() {
        streaming();
        assigner.tables().order(ID, SnapshotOrder.WHOLE);
        open();
        List<SnapshotSplit> chunks = takeAll(1);
        assigner.tables().order(ID, new SnapshotOrder("id > 1"));
        assigner.tables().order(ID, new SnapshotOrder("id > 1"));
        chunks.forEach(this::finish);
        checkpoint();
        assigner.nextSweep();
        assigner.tables().swept(ID, 2);
        checkpoint();
        assertThat(assigner.tables().statuses().get(0).run()).isEqualTo(3);
        open();
        assertThat(takeAll(1)).singleElement().satisfies(chunk -> {
            assertThat(chunk.condition()).isEqualTo("id > 1");
            finish(chunk);
        });
        checkpoint();
        assertThat(stage())
                .as("a condition sweeps nothing, and nothing else is ordered")
                .isEqualTo(Stage.DONE);
    }

    @Test
    void rows_are_not_read_again_under_a_generation_from_before_the_order() {
        streaming();
        open();
        assigner.tables().order(ID, SnapshotOrder.WHOLE);
        assertThat(takeAll(1)).isEmpty();
        assertThat(assigner.needsGeneration()).isTrue();
        open();
        assertThat(assigner.nextChunk((table, position) -> true)).isPresent();
    }

    @Test
    void a_stopped_run_is_neither_read_on_nor_swept_and_the_initial_one_is_not_stopped() {
        begin();
        assertThat(assigner.tables().stop(ID, false)).isFalse();
        takeAll(2).forEach(this::finish);
        checkpoint();
        assigner.takeLog();
        assigner.tables().order(ID, SnapshotOrder.WHOLE);
        open();
        takeAll(2);
        assertThat(assigner.tables().stop(ID, true)).isTrue();
        assertThat(assigner.nextChunk((table, position) -> true)).isEmpty();
        checkpoint();
        assertThat(stage()).isEqualTo(Stage.DONE);
        assertThat(assigner.nextSweep()).isEmpty();
    }

    @Test
    void the_log_is_shortened_only_where_deduplication_cannot_help_or_the_columns_are_others() {
        TableSchema keyless = new TableSchema(Samples.table("b").id(), A.columns(), List.of());
        TableSchema altered = new TableSchema(Samples.table("c").id(), A.columns(), List.of("id"));
        assigner.started(Samples.EPOCH, Samples.token(1), null, List.of(A, keyless, altered), true);
        open();
        takeAll(1).forEach(this::finish);
        takeAll(1).forEach(this::finish);
        takeAll(1).forEach(this::finish);
        List<Column> more = new ArrayList<>(altered.columns());
        more.add(new Column("x", ColumnType.of(ColumnType.Kind.INT32), true, null, "integer"));
        assigner.tables().changed(altered.id(), 1, new TableSchema(altered.id(), more, List.of("id")));
        open();
        takeAll(1).forEach(this::finish);
        checkpoint();
        assertThat(assigner.takeLog().tables())
                .satisfiesExactly(
                        a -> assertThat(a.oldestGeneration()).isNull(),
                        b -> assertThat(b.oldestGeneration()).isEqualTo(Samples.generation(1)),
                        c -> assertThat(c.oldestGeneration())
                                .isEqualTo(Samples.generation(2).inRun(2)));
    }

    @Test
    void a_chunk_under_a_later_generation_is_compared_with_what_the_run_began_with() {
        begin();
        PlanRequest request = assigner.nextPlan().orElseThrow();
        List<ChunkRange> ranges = List.of(Samples.range(-1, 5), Samples.range(5, -1));
        assigner.chunksPlanned(request, new ChunkPlan(ranges, true, "16384:16390", -1));
        assertThat(assigner.nextChunk((table, position) -> true).orElseThrow().storage())
                .isNull();
        open();
        assertThat(assigner.nextChunk((table, position) -> true).orElseThrow().storage())
                .isEqualTo("16384:16390");
    }

    @Test
    @Tag("S9")
    void a_table_that_comes_back_has_a_run_that_replaces_what_was_published() {
        streaming();
        assertThat(assigner.tables().remove(ID, false)).isTrue();
        assigner.tables().add(A, false);
        assertThat(assigner.needsGeneration()).as("it joins first").isFalse();
        assigner.tables().joined(ID, 2);
        open();
        assertThat(takeAll(1))
                .singleElement()
                .satisfies(chunk -> assertThat(chunk.generation().run()).isEqualTo(2));
    }

    @Test
    @Tag("S3")
    void the_state_of_a_hundred_thousand_chunks_is_that_of_the_few_ahead() throws IOException {
        begin();
        int chunks = 100_000;
        int planned = 0;
        int bytesMost = 0;
        while (planned < chunks) {
            PlanRequest request = assigner.nextPlan().orElseThrow();
            List<ChunkRange> ranges = new ArrayList<>();
            for (int i = 0; i < 16 && planned < chunks; i++, planned++) {
                ranges.add(Samples.range(planned - 1, planned));
            }
            assigner.chunksPlanned(request, new ChunkPlan(ranges, planned == chunks, null, -1));
            while (assigner.nextPlan().isEmpty() || planned == chunks) {
                Optional<SnapshotSplit> chunk = assigner.nextChunk((table, position) -> true);
                if (chunk.isEmpty()) {
                    break;
                }
                finish(chunk.get());
            }
            if (planned % 1600 == 0) {
                bytesMost = Math.max(bytesMost, new EnumeratorStateSerializer().serialize(assigner.state()).length);
            }
        }
        assertThat(assigner.tables().statuses().get(0).chunksFinished()).isEqualTo(chunks);
        System.out.println("Enumerator state over 100 000 chunks: at most " + bytesMost + " bytes");
        assertThat(bytesMost).isBetween(100, 16 * 1024);
    }
}
