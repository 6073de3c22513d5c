package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S2")
@Tag("S6")
class CdcEnumeratorTest extends CdcEnumeratorFixture {
    @Test
    void chunks_go_to_readers_that_asked_while_planning_goes_on() {
        started(LogEnd.NEVER);

        assertThat(context.taken(0)).singleElement().satisfies(split -> {
            assertThat(split.splitId()).isEqualTo("snapshot:public.a:1:0");
            assertThat(((SnapshotSplit) split).snapshotName()).isEqualTo("snapshot-1");
        });
        assertThat(context.taken(1))
                .singleElement()
                .extracting(CdcSplit::splitId)
                .isEqualTo("snapshot:public.a:1:1");
    }

    @Test
    @Tag("S2")
    void the_log_begins_only_with_a_checkpoint_that_knows_every_chunk() throws Exception {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        enumerator.snapshotState(1);
        readAll(enumerator);
        enumerator.notifyCheckpointComplete(1);
        context.runCalls();
        assertThat(context.assigned).isEmpty();
        assertThat(script.calls).doesNotContain("close 1");

        enumerator.snapshotState(2);
        assertThat(context.assigned).isEmpty();
        enumerator.notifyCheckpointComplete(2);
        context.runCalls();

        assertThat(context.taken(0)).singleElement().isInstanceOfSatisfying(LogSplit.class, log -> {
            assertThat(log.boundary()).isEqualTo(Samples.token(0));
            assertThat(log.tables()).hasSize(2).allSatisfy(table -> assertThat(table.oldestGeneration())
                    .isNull());
        });
        assertThat(context.taken(1)).isEmpty();
        assertThat(script.calls).contains("close 1");
        assertThat(context.dismissed).isEmpty();
    }

    @Test
    void a_bounded_run_ends_where_the_log_ended_at_its_start() {
        CdcEnumerator enumerator = started(LogEnd.FINISH);
        readAll(enumerator);
        enumerator.snapshotState(1);
        enumerator.notifyCheckpointComplete(1);

        assertThat(context.taken(0)).singleElement().isInstanceOfSatisfying(LogSplit.class, log -> assertThat(log.end())
                .isEqualTo(Samples.token(5)));
        enumerator.handleSourceEvent(0, new ReaderReport.LogEndReached());
        assertThat(context.dismissed).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void a_restored_enumerator_reads_what_is_left_under_a_new_generation() {
        CdcEnumerator before = started(LogEnd.NEVER);
        CdcSplit finished = context.taken(0).get(0);
        finish(before, 0, finished);
        EnumeratorState state = before.snapshotState(1);
        CdcSplit inProgress = context.taken(1).get(0);
        context = new FakeContext(2);

        CdcEnumerator enumerator = enumerator(LogEnd.NEVER, state);
        enumerator.start();
        context.runCalls();
        register(enumerator, 1, List.of(inProgress));
        context.runCalls();
        assertThat(context.assigned).as("not before every reader has reported").isEmpty();
        FinishedChunk done = new FinishedChunk(ScriptedDatabase.TABLES.get(1).id(), 1, 0, 10);
        register(enumerator, 0, List.of(done));
        context.runCalls();

        List<CdcSplit> assigned = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (int subtask = 0; subtask < 2; subtask++) {
                for (CdcSplit split : context.taken(subtask)) {
                    assigned.add(split);
                    finish(enumerator, subtask, split);
                }
            }
        }
        assertThat(assigned)
                .extracting(CdcSplit::splitId)
                .containsExactlyInAnyOrder("snapshot:public.a:1:1", "snapshot:public.b:1:1");
        assertThat(assigned).allSatisfy(split -> assertThat(((SnapshotSplit) split).snapshotName())
                .isEqualTo("snapshot-2"));
        assertThat(script.calls).contains("verify 0", "generation 2");
    }

    @Test
    void a_lost_reader_s_chunk_is_read_under_the_same_generation_while_its_snapshot_is_open() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        List<CdcSplit> lost = context.taken(1);
        enumerator.addSplitsBack(lost, 1);
        register(enumerator, 1, List.of());
        context.runCalls();

        assertThat(context.taken(1)).isEqualTo(lost);
        assertThat(script.calls).doesNotContain("generation 2");
    }

    @Test
    void a_lost_reader_s_chunk_is_read_under_a_new_generation_when_its_snapshot_is_gone() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        List<CdcSplit> lost = context.taken(1);
        script.snapshots.clear();
        enumerator.addSplitsBack(lost, 1);
        register(enumerator, 1, List.of());
        context.runCalls();

        assertThat(context.taken(1)).singleElement().satisfies(split -> {
            assertThat(split.splitId()).isEqualTo(lost.get(0).splitId());
            assertThat(((SnapshotSplit) split).generation()).isEqualTo(Samples.generation(2));
        });
    }

    @Test
    void the_log_goes_on_where_its_reader_s_state_stands_once_the_server_is_found_to_have_it() {
        CdcEnumerator before = started(LogEnd.NEVER);
        readAll(before);
        before.snapshotState(1);
        before.notifyCheckpointComplete(1);
        LogSplit first = (LogSplit) context.taken(0).get(0);
        LogSplit advanced = new LogSplit(first.epoch(), Samples.token(3), 1, first.tables(), List.of(), null);
        EnumeratorState state = before.snapshotState(2);
        context = new FakeContext(2);

        CdcEnumerator enumerator = enumerator(LogEnd.NEVER, state);
        enumerator.start();
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of(advanced));
        assertThat(context.assigned).as("not before it is verified").isEmpty();
        context.runCalls();

        assertThat(script.calls).contains("verify 3").doesNotContain("verify 0", "generation 2");
        assertThat(context.taken(1)).containsExactly(advanced);
        assertThat(context.taken(0)).isEmpty();
    }

    @Test
    void a_further_bounded_run_ends_where_the_log_ends_at_its_own_start() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.HOLD);
        assertThat(stopped.log().end()).isEqualTo(Samples.token(5));
        script.transactions = 9;

        assertThat(assignedLogOf(LogEnd.HOLD, stopped))
                .isEqualTo(stopped.log().assigned(stopped.log().tables(), Samples.token(9)));
        assertThat(context.dismissed).as("the job stays alive").isEmpty();
    }

    @Test
    void a_run_without_end_forgets_the_end_of_the_run_before_it() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.HOLD);

        assertThat(assignedLogOf(LogEnd.NEVER, stopped))
                .isEqualTo(stopped.log().assigned(stopped.log().tables(), null));
        assertThat(script.calls).containsOnlyOnce("end 5");
    }

    @Test
    void a_run_that_finishes_takes_over_from_one_without_end() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.NEVER);
        assertThat(stopped.log().end()).isNull();

        CdcEnumerator enumerator = enumerator(LogEnd.FINISH, stopped.state());
        enumerator.start();
        register(enumerator, 0, List.of(stopped.log()));
        register(enumerator, 1, List.of());
        context.runCalls();
        assertThat(((LogSplit) context.taken(0).get(0)).end()).isEqualTo(Samples.token(5));
        assertThat(context.dismissed).as("the log is still read").isEmpty();
        enumerator.handleSourceEvent(0, new ReaderReport.LogEndReached());
        assertThat(context.sent.get(0)).containsExactly(new LogRequest.Finish());
        assertThat(context.dismissed).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void a_finished_run_restored_once_more_just_ends() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.FINISH);
        CdcEnumerator enumerator = enumerator(LogEnd.FINISH, stopped.state());
        enumerator.start();
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of());
        context.runCalls();

        assertThat(context.assigned).isEmpty();
        assertThat(context.dismissed).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void a_log_that_no_reader_holds_any_more_is_an_error() {
        CdcEnumerator before = started(LogEnd.NEVER);
        readAll(before);
        before.snapshotState(1);
        before.notifyCheckpointComplete(1);
        EnumeratorState state = before.snapshotState(2);
        context = new FakeContext(1);

        CdcEnumerator enumerator = enumerator(LogEnd.NEVER, state);
        enumerator.start();
        assertThatThrownBy(() -> register(enumerator, 0, List.of()))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("STATE_UNREADABLE");
    }
}
