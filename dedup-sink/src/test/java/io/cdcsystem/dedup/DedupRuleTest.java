package io.cdcsystem.dedup;

import static io.cdcsystem.dedup.Events.TOPIC;
import static io.cdcsystem.dedup.Events.generation;
import static io.cdcsystem.dedup.Events.log;
import static io.cdcsystem.dedup.Events.row;
import static io.cdcsystem.dedup.Verdict.ALREADY_READ;
import static io.cdcsystem.dedup.Verdict.EMIT;
import static io.cdcsystem.dedup.Verdict.REPEAT;
import static io.cdcsystem.dedup.Verdict.STALE_ROW;
import static io.cdcsystem.schema.event.Op.CREATE;
import static io.cdcsystem.schema.event.Op.DELETE;
import static io.cdcsystem.schema.event.Op.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("L6")
@Tag("S5")
class DedupRuleTest {
    /** Sees 100 and what is below, but not 90; nothing from 101 on. */
    private static final Generation FIRST = generation(1, 1, "90:101:90");
    /** The same run's next generation: sees up to 200. */
    private static final Generation SECOND = generation(1, 2, "201:201:");
    /** The second run: sees up to 300. */
    private static final Generation RERUN = generation(2, 3, "301:301:");

    private record Step(ChangeEvent event, Verdict verdict) {}

    private static Step emit(ChangeEvent event) {
        return new Step(event, EMIT);
    }

    private static Step drop(Verdict verdict, ChangeEvent event) {
        return new Step(event, verdict);
    }

    private static Arguments history(String name, Step... steps) {
        return Arguments.of(name, List.of(steps));
    }

    static Stream<Arguments> histories() {
        return Stream.of(
                history(
                        "row, then the log event that it contains, then one that it does not",
                        emit(row("k", FIRST)),
                        drop(ALREADY_READ, log("k", UPDATE, 100, 0, 100)),
                        emit(log("k", UPDATE, 110, 0, 101))),
                history(
                        "a transaction that was in progress when the row was read is not in it",
                        emit(row("k", FIRST)),
                        emit(log("k", UPDATE, 105, 0, 90))),
                history(
                        "late row overtaken by a log event that it does not contain",
                        emit(log("k", UPDATE, 110, 0, 101)),
                        drop(STALE_ROW, row("k", FIRST))),
                history(
                        "late row overtaken by a transaction in progress while it was read",
                        emit(log("k", UPDATE, 105, 0, 90)),
                        drop(STALE_ROW, row("k", FIRST)),
                        emit(log("k", UPDATE, 120, 0, 120))),
                history(
                        "late row overtaken by a log event that it contains",
                        emit(log("k", UPDATE, 100, 0, 100)),
                        emit(row("k", FIRST)),
                        drop(REPEAT, log("k", UPDATE, 100, 0, 100))),
                history(
                        "everything again after a restore",
                        emit(row("k", FIRST)),
                        emit(log("k", UPDATE, 110, 0, 101)),
                        emit(log("k", UPDATE, 110, 1, 101)),
                        drop(REPEAT, row("k", FIRST)),
                        drop(REPEAT, log("k", UPDATE, 110, 0, 101)),
                        drop(REPEAT, log("k", UPDATE, 110, 1, 101)),
                        emit(log("k", UPDATE, 111, 0, 102))),
                history(
                        "changes of one transaction differ by their ordinal",
                        emit(log("k", CREATE, 110, 0, 101)),
                        emit(log("k", UPDATE, 110, 7, 101)),
                        drop(REPEAT, log("k", UPDATE, 110, 3, 101))),
                history(
                        "delete, then the late row",
                        emit(log("k", DELETE, 110, 0, 101)),
                        drop(STALE_ROW, row("k", FIRST)),
                        drop(REPEAT, log("k", DELETE, 110, 0, 101))),
                history(
                        "key deleted and used again",
                        emit(row("k", FIRST)),
                        emit(log("k", DELETE, 110, 0, 101)),
                        emit(log("k", CREATE, 120, 0, 102)),
                        drop(REPEAT, log("k", DELETE, 110, 0, 101)),
                        drop(REPEAT, row("k", FIRST))),
                history(
                        "key deleted and used again in one transaction",
                        emit(log("k", DELETE, 110, 0, 101)),
                        emit(log("k", CREATE, 110, 1, 101))),
                history(
                        "row of the run's next generation: the first stands, the log brings the rest",
                        emit(row("k", FIRST)),
                        drop(REPEAT, row("k", SECOND)),
                        emit(log("k", UPDATE, 150, 0, 150))),
                history(
                        "key first read by the next generation",
                        emit(row("k", SECOND)),
                        drop(ALREADY_READ, log("k", CREATE, 150, 0, 150)),
                        drop(REPEAT, row("k", FIRST))),
                history(
                        "second run over an older log position that it contains",
                        emit(row("k", FIRST)),
                        emit(log("k", UPDATE, 110, 0, 101)),
                        emit(row("k", RERUN)),
                        drop(REPEAT, log("k", UPDATE, 110, 0, 101)),
                        drop(ALREADY_READ, log("k", UPDATE, 300, 0, 300)),
                        emit(log("k", UPDATE, 301, 0, 301))),
                history(
                        "second run after a deleted key came back unnoticed",
                        emit(log("k", DELETE, 110, 0, 101)),
                        emit(row("k", RERUN)),
                        drop(ALREADY_READ, log("k", CREATE, 250, 0, 250))),
                history(
                        "second run behind the log",
                        emit(row("k", FIRST)),
                        emit(log("k", UPDATE, 310, 0, 305)),
                        drop(STALE_ROW, row("k", RERUN))),
                history(
                        "row of the first run after the second",
                        emit(row("k", RERUN)),
                        drop(STALE_ROW, row("k", FIRST))),
                history(
                        "a later epoch is above, whatever its commit and transaction",
                        emit(row("k", FIRST)),
                        emit(log("k", UPDATE, 500, 0, 150)),
                        emit(log(TOPIC, "k", UPDATE, new Position(1, 120, 0), 100)),
                        drop(REPEAT, log("k", UPDATE, 600, 0, 160))),
                history(
                        "row of an epoch before the log's",
                        emit(log(TOPIC, "k", UPDATE, new Position(1, 120, 0), 5)),
                        drop(STALE_ROW, row("k", FIRST))),
                history(
                        "row of an epoch after the log's",
                        emit(log("k", UPDATE, 500, 0, 999)),
                        emit(row("k", generation(1, 2, 4, "600:600:")))),
                history(
                        "commits compare unsigned",
                        emit(log("k", UPDATE, Long.MAX_VALUE, 0, 101)),
                        emit(log("k", UPDATE, Long.MIN_VALUE, 0, 102)),
                        drop(REPEAT, log("k", UPDATE, 110, 0, 103))),
                history(
                        "without key: every row, and the log by position alone",
                        emit(row(null, FIRST)),
                        emit(row(null, FIRST)),
                        emit(log(null, UPDATE, 100, 0, 100)),
                        drop(REPEAT, log(null, UPDATE, 100, 0, 100)),
                        emit(log(null, UPDATE, 100, 1, 100)),
                        emit(row(null, SECOND)),
                        drop(REPEAT, log(null, UPDATE, 99, 0, 98))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("histories")
    void history_is_judged_step_by_step(String name, List<Step> steps) {
        assertThat(verdicts(steps.stream().map(Step::event).toList()))
                .as(name)
                .isEqualTo(steps.stream().map(Step::verdict).toList());
    }

    @Test
    void any_interleaving_of_row_and_log_ends_with_the_last_change() {
        // The log in its order; the row, which contains the first two changes, at every place among them.
        List<ChangeEvent> changes =
                List.of(log("k", CREATE, 50, 0, 50), log("k", UPDATE, 100, 0, 100), log("k", Op.DELETE, 110, 0, 101));
        for (int place = 0; place <= changes.size(); place++) {
            List<ChangeEvent> events = new ArrayList<>(changes);
            events.add(place, row("k", FIRST));
            List<Verdict> verdicts = verdicts(events);
            int last = verdicts.lastIndexOf(EMIT);
            assertThat(events.get(last).op()).as("row at " + place).isEqualTo(DELETE);
        }
    }

    @Test
    void transactions_of_a_restart_are_dropped_however_often_they_come() {
        ChangeEvent change = log("k", UPDATE, 110, 0, 101);
        ChangeEvent[] again = new ChangeEvent[5];
        Arrays.fill(again, change);
        assertThat(verdicts(List.of(again))).containsExactly(EMIT, REPEAT, REPEAT, REPEAT, REPEAT);
    }

    @Test
    void generation_that_the_state_does_not_know_is_refused() {
        KeyState read = KeyState.after(null, row("k", FIRST));
        assertThatThrownBy(() -> DedupRule.decide(read, log("k", UPDATE, 110, 0, 101), new Generations()))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("STATE_UNREADABLE")
                .hasMessageContaining("generation 1");
    }

    @Test
    void delete_mark_follows_the_last_thing_published() {
        KeyState deleted = KeyState.after(null, log("k", DELETE, 110, 0, 101));
        assertThat(deleted.deleted()).isTrue();
        assertThat(KeyState.after(deleted, row("k", RERUN)).deleted()).isFalse();
        assertThat(KeyState.after(deleted, log("k", CREATE, 120, 0, 102)).deleted())
                .isFalse();
    }

    static Stream<Arguments> states() {
        KeyState read = KeyState.after(null, row("k", FIRST));
        KeyState readAgain = KeyState.after(read, row("k", RERUN));
        KeyState seen = KeyState.after(read, log("k", UPDATE, 110, 0, 110));
        KeyState later = KeyState.after(read, log("k", UPDATE, 400, 0, 400));
        KeyState deleted = KeyState.after(read, log("k", DELETE, 110, 0, 110));
        KeyState created = KeyState.after(null, log("k", CREATE, 110, 0, 110));
        Generation nextEpoch = generation(1, 2, 4, "50:50:");
        return Stream.of(
                Arguments.of("read by an earlier run, never changed", read, RERUN, true),
                Arguments.of("read by this run", readAgain, RERUN, false),
                Arguments.of("read by a later run", readAgain, generation(1, 2, "201:201:"), false),
                Arguments.of("found gone by this run", read.gone(RERUN), RERUN, false),
                Arguments.of("changed last by what the oldest generation sees", seen, RERUN, true),
                Arguments.of("created by what it sees", created, RERUN, true),
                Arguments.of("changed last by what it does not see", later, RERUN, false),
                Arguments.of("deleted already", deleted, RERUN, false),
                Arguments.of("changed in a former epoch, whatever its transaction", later, nextEpoch, true),
                Arguments.of(
                        "changed in a later epoch, whatever its transaction",
                        KeyState.after(read, log(TOPIC, "k", UPDATE, new Position(1, 10, 0), 10)),
                        RERUN,
                        false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("states")
    @Tag("S8")
    void keys_that_a_complete_run_did_not_read_are_gone(String name, KeyState state, Generation oldest, boolean gone) {
        assertThat(DedupRule.isGone(state, oldest)).as(name).isEqualTo(gone);
        if (gone) {
            KeyState after = state.gone(oldest);
            assertThat(after.deleted()).isTrue();
            assertThat(DedupRule.isGone(after, oldest)).as("once").isFalse();
        }
    }

    @Test
    @Tag("S8")
    void what_the_oldest_generation_sees_of_a_swept_key_is_dropped_and_the_rest_is_published() {
        Generations generations = new Generations();
        generations.learn(RERUN);
        KeyState gone = KeyState.after(null, row("k", FIRST)).gone(RERUN);
        assertThat(DedupRule.decide(gone, log("k", DELETE, 290, 0, 290), generations))
                .isEqualTo(ALREADY_READ);
        assertThat(DedupRule.decide(gone, log("k", CREATE, 310, 0, 305), generations))
                .isEqualTo(EMIT);
        assertThat(DedupRule.decide(gone, row("k", generation(3, 4, "401:401:")), generations))
                .isEqualTo(EMIT);
    }

    static Stream<Arguments> places() {
        KeyState read = KeyState.after(null, row("k", FIRST));
        KeyState changed = KeyState.after(read, log("k", UPDATE, 110, 7, 110));
        Generation behind = new Generation(2, 3, new Position(0, 120, 3), RERUN.visibility());
        return Stream.of(
                Arguments.of("nothing published", null, RERUN, RERUN.position()),
                Arguments.of("a row at the same commit", read, RERUN, new Position(0, 99, 0).behind(3)),
                Arguments.of("a row at a lower commit", read, behind, behind.position()),
                Arguments.of("a change at a lower commit", changed, behind, behind.position()),
                Arguments.of("a change at a higher commit", changed, RERUN, new Position(0, 110, 0).behind(3)),
                Arguments.of(
                        "a change of a former epoch", changed, generation(1, 2, 3, "9:9:"), new Position(1, 99, 3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("places")
    @Tag("S8")
    void rows_stand_behind_what_they_contain(
            String name, @Nullable KeyState state, Generation reading, Position expected) {
        Generations generations = new Generations();
        generations.learn(FIRST);
        assertThat(DedupRule.rowPosition(state, row("k", reading), generations))
                .as(name)
                .isEqualTo(expected)
                .isEqualTo(DedupRule.rowPosition(state, row("k", reading), generations));
        assertThat(DedupRule.rowPosition(state, row(null, reading), generations))
                .as("without key nothing is compared")
                .isEqualTo(reading.position());
        if (state != null) {
            assertThat(DedupRule.gonePosition(state, reading, generations)).isGreaterThan(expected.behind(0));
        }
    }

    @Test
    @Tag("S8")
    void what_snapshots_say_behind_a_transaction_is_above_its_changes_and_below_the_next() {
        Position last = new Position(1, 110, Position.BEHIND_CHANGES - 1);
        assertThat(last.behind(1)).isGreaterThan(last).isLessThan(new Position(1, 111, 0));
        assertThat(last.behind(2)).isGreaterThan(last.behind(1));
        assertThat(last.behind(Integer.MAX_VALUE)).isEqualTo(new Position(1, 110, Integer.MAX_VALUE));
    }

    private static List<Verdict> verdicts(List<ChangeEvent> events) {
        Generations generations = new Generations();
        @Nullable KeyState state = null;
        List<Verdict> verdicts = new ArrayList<>();
        for (ChangeEvent event : events) {
            Verdict verdict = DedupRule.decide(state, event, generations);
            if (verdict == EMIT) {
                KeyState next = DedupRule.after(state, event);
                state = next == null ? state : next;
                if (event.generation() != null) {
                    generations.learn(event.generation());
                }
            }
            verdicts.add(verdict);
        }
        return verdicts;
    }
}
