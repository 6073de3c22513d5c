package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.ReaderReport.SignalArrived;
import io.cdcsystem.source.protocol.RefusalReason;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the enumerator does while the log is read, or lost. */
@Tag("S8")
class CdcEnumeratorBesideLogTest extends CdcEnumeratorFixture {
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
    @Tag("E3")
    void a_table_that_took_a_captured_ones_place_is_published_read_as_a_further_run_and_swept() {
        CdcEnumerator enumerator = streaming();
        script.unpublished.add(ScriptedDatabase.TABLES.get(0).id());
        context.tick();
        assertThat(script.calls).as("not yet looked").isEmpty();
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        context.tick();
        LogRequest.CaptureTables request =
                (LogRequest.CaptureTables) context.sent.remove(0).get(0);
        assertThat(request.tables()).hasSize(2);
        enumerator.handleSourceEvent(0, new ReaderReport.TablesCaptured(request.revision()));
        context.runCalls();
        context.tick();
        assertThat(script.calls).containsExactly("publish 1", "mark", "generation 2");
        assertThat(readAll(enumerator)).hasSize(2).allSatisfy(split -> {
            SnapshotSplit chunk = (SnapshotSplit) split;
            assertThat(chunk.table().id().name()).isEqualTo("a");
            assertThat(chunk.generation()).isEqualTo(Samples.generation(2).inRun(2));
        });
        enumerator.snapshotState(2);
        enumerator.notifyCheckpointComplete(2);
        context.runCalls();
        assertThat(context.sent.get(0)).singleElement().isInstanceOf(LogRequest.SweepTable.class);

        now.addAndGet(Duration.ofSeconds(10).toNanos());
        context.tick();
        assertThat(script.calls).filteredOn(call -> call.startsWith("publish")).hasSize(1);
    }

    @Test
    @Tag("E3")
    void a_table_that_could_not_be_published_is_read_also_when_somebody_else_has_published_it() {
        streaming();
        script.unpublished.add(ScriptedDatabase.TABLES.get(0).id());
        script.publishRefused = true;
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        context.tick();
        assertThat(script.calls).containsExactly("publish 1");
        assertThat(context.sent).isEmpty();

        script.unpublished.clear();
        script.publishRefused = false;
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        context.tick();
        assertThat(context.sent.get(0)).singleElement().isInstanceOf(LogRequest.CaptureTables.class);
    }

    @Test
    @Tag("E3")
    void a_table_that_was_replaced_while_the_job_was_down_is_captured_again_at_the_restart() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.NEVER);
        script.unpublished.add(ScriptedDatabase.TABLES.get(1).id());
        script.calls.clear();
        CdcEnumerator enumerator = enumerator(LogEnd.NEVER, stopped.state());
        enumerator.start();
        context.runCalls();
        register(enumerator, 0, List.of(stopped.log()));
        register(enumerator, 1, List.of());
        context.runCalls();
        assertThat(context.taken(0)).singleElement().isInstanceOf(LogSplit.class);
        context.tick();
        assertThat(script.calls).contains("publish 1", "mark", "generation 2");
        assertThat(readAll(enumerator)).hasSize(2).allSatisfy(split -> assertThat(
                        ((SnapshotSplit) split).table().id().name())
                .isEqualTo("b"));
    }

    @Test
    @Tag("S9")
    void tables_that_the_configuration_gained_and_lost_join_and_leave_at_the_restart() {
        Stopped stopped = stoppedWhileStreaming(LogEnd.NEVER);
        script.tables = List.of(ScriptedDatabase.CATALOG.get(0), ScriptedDatabase.CATALOG.get(2));
        CdcEnumerator enumerator = enumerator(LogEnd.NEVER, stopped.state());
        enumerator.start();
        context.runCalls();
        register(enumerator, 0, List.of(stopped.log()));
        register(enumerator, 1, List.of());
        context.runCalls();
        LogSplit log = (LogSplit) context.taken(0).get(0);
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
        CdcEnumerator enumerator = enumerator(config(SnapshotMode.WHEN_NEEDED), stopped.state());
        enumerator.start();
        register(enumerator, 0, List.of(stopped.log()));
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
                0,
                new ReaderReport.ChunkRefused(
                        chunk.table().id(), 1, chunk.chunk(), 1, RefusalReason.SNAPSHOT_GONE, "gone"));
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
                0,
                new ReaderReport.ChunkRefused(
                        chunk.table().id(), 1, chunk.chunk(), 1, RefusalReason.TABLE_CHANGED, "rewritten"));
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

    @Test
    @Tag("S8")
    void a_condition_that_the_server_refuses_gives_the_run_up_and_nothing_else() {
        CdcEnumerator enumerator = streaming();
        enumerator.handleSourceEvent(
                0,
                signal(
                        1,
                        "execute-snapshot",
                        "{\"data-collections\":[\"public.a\",\"public.b\"],\"additional-conditions\":"
                                + "[{\"data-collection\":\"public.a\",\"filter\":\"1/0 = id\"}]}"));
        context.runCalls();
        SnapshotSplit chunk = (SnapshotSplit) context.taken(1).get(0);
        assertThat(chunk.condition()).isEqualTo("1/0 = id");
        enumerator.handleSourceEvent(
                1,
                new ReaderReport.ChunkRefused(
                        chunk.table().id(),
                        chunk.generation().run(),
                        chunk.chunk(),
                        chunk.generation().number(),
                        RefusalReason.CONDITION_REJECTED,
                        "division by zero"));
        enumerator.handleSplitRequest(1, null);
        context.runCalls();
        assertThat(readAll(enumerator)).isNotEmpty().allSatisfy(split -> assertThat(
                        ((SnapshotSplit) split).table().id().name())
                .isEqualTo("b"));
    }
}
