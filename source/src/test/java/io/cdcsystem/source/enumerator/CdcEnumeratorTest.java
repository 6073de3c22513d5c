package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.ReaderReport.SignalArrived;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S2")
@Tag("S6")
class CdcEnumeratorTest {
    private static final String NAME = "enumerator-test";
    private static final int ROWS = 20;

    private final ScriptedDatabase.Script script = ScriptedDatabase.script(NAME, ROWS, 5);
    private final AtomicLong now = new AtomicLong();
    private FakeContext context = new FakeContext(2);

    private CdcEnumerator enumerator(LogEnd end, EnumeratorState state) {
        SourceConfig config = new SourceConfig(
                new ScriptedDatabase.Config(NAME),
                SnapshotConfig.ofChunkSize(10),
                end,
                ConfirmAt.COMPLETION,
                1 << 20,
                null);
        return enumerator(config, state);
    }

    private CdcEnumerator enumerator(SourceConfig config, EnumeratorState state) {
        return new CdcEnumerator(context, config, config.database().open(), state, new SnapshotMetrics(), now::get);
    }

    private static SourceConfig config(SnapshotMode mode) {
        return new SourceConfig(
                new ScriptedDatabase.Config(NAME),
                new SnapshotConfig(
                        mode, null, 10, 1, Duration.ofMinutes(15), Duration.ZERO, SnapshotConfig.TableOrder.CONFIGURED),
                LogEnd.NEVER,
                ConfirmAt.COMPLETION,
                1 << 20,
                null);
    }

    private CdcEnumerator started(LogEnd end) {
        CdcEnumerator enumerator = enumerator(end, EnumeratorState.EMPTY);
        enumerator.start();
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of());
        context.runCalls();
        return enumerator;
    }

    private void register(CdcEnumerator enumerator, int subtask, List<CdcSplit> reported) {
        context.register(subtask, reported);
        enumerator.addReader(subtask);
        enumerator.handleSplitRequest(subtask, "host");
    }

    private void finish(CdcEnumerator enumerator, int subtask, CdcSplit split) {
        SnapshotSplit chunk = (SnapshotSplit) split;
        enumerator.handleSourceEvent(
                subtask,
                new ReaderReport.ChunkFinished(
                        new FinishedChunk(chunk.table().id(), chunk.generation().run(), chunk.chunk(), 10), 100, 1));
        enumerator.handleSplitRequest(subtask, "host");
        context.runCalls();
    }

    private List<CdcSplit> readAll(CdcEnumerator enumerator) {
        List<CdcSplit> read = new ArrayList<>();
        for (boolean more = true; more; ) {
            more = false;
            for (int subtask = 0; subtask < 2; subtask++) {
                for (CdcSplit split : context.taken(subtask)) {
                    finish(enumerator, subtask, split);
                    read.add(split);
                    more = true;
                }
            }
        }
        return read;
    }

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
            assertThat(log.tables())
                    .allSatisfy(table -> assertThat(table.oldestGeneration()).isEqualTo(Samples.generation(1)));
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

    /** A state in whose run a reader held the log, and that reader's split. */
    private record Stopped(EnumeratorState state, LogSplit log) {}

    private Stopped stoppedWhileStreaming(LogEnd end) {
        CdcEnumerator before = started(end);
        readAll(before);
        before.snapshotState(1);
        before.notifyCheckpointComplete(1);
        LogSplit log = (LogSplit) context.taken(0).get(0);
        EnumeratorState state = before.snapshotState(2);
        context = new FakeContext(2);
        return new Stopped(state, log);
    }

    private LogSplit assignedLogOf(LogEnd end, Stopped stopped) {
        CdcEnumerator enumerator = enumerator(end, stopped.state);
        enumerator.start();
        register(enumerator, 0, List.of(stopped.log));
        register(enumerator, 1, List.of());
        context.runCalls();
        return (LogSplit) context.taken(0).get(0);
    }

    @Test
    void a_further_bounded_run_ends_where_the_log_ends_at_its_own_start() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.HOLD);
        assertThat(stopped.log.end()).isEqualTo(Samples.token(5));
        script.transactions = 9;

        assertThat(assignedLogOf(LogEnd.HOLD, stopped)).isEqualTo(stopped.log.endingAt(Samples.token(9)));
        assertThat(context.dismissed).as("the job stays alive").isEmpty();
    }

    @Test
    void a_run_without_end_forgets_the_end_of_the_run_before_it() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.HOLD);

        assertThat(assignedLogOf(LogEnd.NEVER, stopped)).isEqualTo(stopped.log.endingAt(null));
        assertThat(script.calls).containsOnlyOnce("end 5");
    }

    @Test
    void a_run_that_finishes_takes_over_from_one_without_end() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.NEVER);
        assertThat(stopped.log.end()).isNull();

        assertThat(assignedLogOf(LogEnd.FINISH, stopped).end()).isEqualTo(Samples.token(5));
        assertThat(context.dismissed).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void a_finished_run_restored_once_more_just_ends() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.FINISH);
        CdcEnumerator enumerator = enumerator(LogEnd.FINISH, stopped.state);
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

    // ---- beside the log

    private static SignalArrived signal(int transaction, String type, String data) {
        return new SignalArrived(
                new LogSignal(new Position(1, 0x1000 + transaction, 0), new Signal("test", type, data)));
    }

    private CdcEnumerator streaming() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        readAll(enumerator);
        enumerator.snapshotState(1);
        enumerator.notifyCheckpointComplete(1);
        context.runCalls();
        assertThat(context.taken(0)).singleElement().isInstanceOf(LogSplit.class);
        script.calls.clear();
        return enumerator;
    }

    @Test
    @Tag("S8")
    void a_signal_has_a_table_read_again_under_a_new_generation_and_swept_behind_it() {
        CdcEnumerator enumerator = streaming();
        SignalArrived signal = signal(1, "execute-snapshot", "{\"data-collections\":[\"public.a\"]}");
        enumerator.handleSourceEvent(0, signal);
        enumerator.handleSourceEvent(0, signal);
        context.runCalls();

        assertThat(script.calls).containsExactly("generation 2");
        List<CdcSplit> chunks = readAll(enumerator);
        assertThat(chunks).hasSize(2).allSatisfy(split -> {
            SnapshotSplit chunk = (SnapshotSplit) split;
            assertThat(chunk.table().id().name()).isEqualTo("a");
            assertThat(chunk.generation()).isEqualTo(Samples.generation(2).inRun(2));
        });
        assertThat(context.sent)
                .as("nothing is swept before the rows are lasting")
                .isEmpty();
        enumerator.snapshotState(2);
        enumerator.notifyCheckpointComplete(2);
        context.runCalls();
        assertThat(context.sent.get(0)).singleElement().satisfies(event -> {
            LogRequest.SweepTable sweep = (LogRequest.SweepTable) event;
            assertThat(sweep.oldest()).isEqualTo(Samples.generation(2).inRun(2));
            assertThat(sweep.behind()).isEqualTo(Samples.token(5));
        });
        assertThat(script.calls).contains("close 2");
    }

    @Test
    @Tag("S8")
    void a_condition_reads_rows_again_and_sweeps_nothing() {
        CdcEnumerator enumerator = streaming();
        enumerator.handleSourceEvent(
                0,
                signal(
                        1,
                        "execute-snapshot",
                        "{\"data-collections\":[\"public.b\"],\"additional-conditions\":"
                                + "[{\"data-collection\":\"public.b\",\"filter\":\"id > 3\"}]}"));
        context.runCalls();
        assertThat(readAll(enumerator)).allSatisfy(split -> assertThat(((SnapshotSplit) split).condition())
                .isEqualTo("id > 3"));
        enumerator.snapshotState(2);
        enumerator.notifyCheckpointComplete(2);
        context.runCalls();
        assertThat(context.sent).isEmpty();
    }

    @Test
    @Tag("S8")
    void a_pause_hands_out_nothing_and_lets_the_snapshot_go_until_it_is_over() {
        CdcEnumerator enumerator = streaming();
        enumerator.handleSourceEvent(0, signal(1, "pause-snapshot", "{}"));
        enumerator.handleSourceEvent(0, signal(2, "execute-snapshot", "{\"data-collections\":[\"public.a\"]}"));
        context.runCalls();
        assertThat(context.assigned).isEmpty();
        assertThat(script.calls).isEmpty();
        enumerator.handleSourceEvent(0, signal(3, "resume-snapshot", "{}"));
        context.runCalls();
        assertThat(readAll(enumerator)).hasSize(2);
    }

    @Test
    @Tag("S9")
    void an_added_table_is_published_captured_and_waited_for_before_it_is_read() {
        CdcEnumerator enumerator = streaming();
        script.openTransactions = true;
        enumerator.handleSourceEvent(0, signal(1, "add-tables", "{\"data-collections\":[\"public.c\"]}"));
        context.runCalls();
        LogRequest.CaptureTables request =
                (LogRequest.CaptureTables) context.sent.get(0).get(0);
        assertThat(request.tables()).hasSize(3);
        assertThat(script.calls)
                .as("nothing is waited for before the log has it")
                .containsExactly("publish 1");

        enumerator.handleSourceEvent(0, new ReaderReport.TablesCaptured(request.revision()));
        context.runCalls();
        context.tick();
        assertThat(script.calls).containsExactly("publish 1", "mark");
        assertThat(context.assigned).isEmpty();
        script.openTransactions = false;
        context.tick();
        assertThat(script.calls).containsExactly("publish 1", "mark", "generation 2");
        assertThat(readAll(enumerator)).hasSize(2).allSatisfy(split -> assertThat(
                        ((SnapshotSplit) split).table().id().name())
                .isEqualTo("c"));
    }

    @Test
    @Tag("S9")
    void tables_that_the_configuration_gained_and_lost_join_and_leave_at_the_restart() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.NEVER);
        script.tables = List.of(ScriptedDatabase.CATALOG.get(0), ScriptedDatabase.CATALOG.get(2));
        LogSplit log = assignedLogOf(LogEnd.NEVER, stopped);
        assertThat(log.tables().stream().map(table -> table.schema().id().name()))
                .containsExactly("a", "c");
        context.tick();
        context.tick();
        assertThat(context.taken(1)).hasSize(1);
    }

    @Test
    @Tag("O5")
    void a_lost_position_is_an_error_unless_all_rows_may_be_read_anew() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.NEVER);
        script.positionLost = true;
        assertThatThrownBy(() -> assignedLogOf(LogEnd.NEVER, stopped)).hasMessageContaining("POSITION_LOST");

        context = new FakeContext(2);
        script.positionLost = true;
        CdcEnumerator enumerator = enumerator(config(SnapshotMode.WHEN_NEEDED), stopped.state);
        enumerator.start();
        register(enumerator, 0, List.of(stopped.log));
        register(enumerator, 1, List.of());
        context.runCalls();
        List<CdcSplit> chunks = readAll(enumerator);
        assertThat(chunks).hasSize(4).allSatisfy(split -> assertThat(
                        ((SnapshotSplit) split).generation().run())
                .isEqualTo(2));
        enumerator.snapshotState(7);
        enumerator.notifyCheckpointComplete(7);
        context.runCalls();
        LogSplit log = (LogSplit) context.taken(0).get(0);
        assertThat(log.epoch().number()).isEqualTo(2);
        assertThat(log.boundary()).isEqualTo(Samples.token(5));
        assertThat(context.sent.get(0)).as("what has gone meanwhile is found").hasSize(2);
    }

    @Test
    void without_data_the_log_begins_at_once_and_with_data_only_it_never_does() {
        CdcEnumerator noData = enumerator(config(SnapshotMode.NO_DATA), EnumeratorState.EMPTY);
        noData.start();
        register(noData, 0, List.of());
        register(noData, 1, List.of());
        context.runCalls();
        assertThat(context.taken(0)).singleElement().isInstanceOf(LogSplit.class);

        context = new FakeContext(2);
        CdcEnumerator dataOnly = enumerator(config(SnapshotMode.INITIAL_ONLY), EnumeratorState.EMPTY);
        dataOnly.start();
        register(dataOnly, 0, List.of());
        register(dataOnly, 1, List.of());
        context.runCalls();
        assertThat(readAll(dataOnly)).hasSize(4);
        assertThat(context.dismissed).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void readers_that_may_not_connect_as_well_get_no_chunk() {
        CdcEnumerator enumerator = enumerator(config(SnapshotMode.INITIAL), EnumeratorState.EMPTY);
        enumerator.start();
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of());
        context.runCalls();
        assertThat(context.assigned).hasSize(1);
    }

    @Test
    void an_old_generation_makes_room_for_a_younger_one_and_is_closed_when_its_chunks_are_read() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        List<CdcSplit> before = new ArrayList<>(context.taken(0));
        before.addAll(context.taken(1));
        now.addAndGet(Duration.ofMinutes(16).toNanos());
        context.tick();
        assertThat(script.calls).contains("generation 2").doesNotContain("close 1");
        before.forEach(chunk -> finish(enumerator, 0, chunk));
        context.runCalls();
        assertThat(script.calls).contains("close 1");
        assertThat(readAll(enumerator)).isNotEmpty().allSatisfy(chunk -> assertThat(
                        ((SnapshotSplit) chunk).generation().number())
                .isEqualTo(2));
    }

    @Test
    void a_chunk_whose_snapshot_is_gone_is_read_under_the_next_without_a_failure() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        SnapshotSplit chunk = (SnapshotSplit) context.taken(0).get(0);
        context.taken(1);
        enumerator.handleSourceEvent(
                0, new ReaderReport.ChunkRefused(chunk.table().id(), 1, chunk.chunk(), 1, false, "gone"));
        enumerator.handleSplitRequest(0, null);
        context.runCalls();
        assertThat(context.taken(0)).singleElement().satisfies(split -> {
            assertThat(split.splitId()).isEqualTo(chunk.splitId());
            assertThat(((SnapshotSplit) split).generation().number()).isEqualTo(2);
        });
    }

    @Test
    void a_table_that_changed_under_its_readers_is_read_from_its_beginning() {
        CdcEnumerator enumerator = started(LogEnd.NEVER);
        SnapshotSplit chunk = (SnapshotSplit) context.taken(0).get(0);
        enumerator.handleSourceEvent(
                0, new ReaderReport.ChunkRefused(chunk.table().id(), 1, chunk.chunk(), 1, true, "rewritten"));
        enumerator.handleSplitRequest(0, null);
        context.runCalls();
        context.taken(1);
        List<SnapshotSplit> again = readAll(enumerator).stream()
                .map(SnapshotSplit.class::cast)
                .filter(split -> split.table().equals(chunk.table()))
                .toList();
        assertThat(again.get(0).chunk()).isZero();
        assertThat(again).hasSize(2).allSatisfy(split -> assertThat(split.generation())
                .isEqualTo(Samples.generation(2).inRun(2)));
    }
}
