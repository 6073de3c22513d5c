package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.table.TableId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("S2")
class SnapshotProgressTest {
    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId CUSTOMERS = new TableId("shop", "public", "customers");

    /** Negative and about to overflow, as System.nanoTime may be. */
    private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(20);

    private final SnapshotProgress progress = new SnapshotProgress(() -> now);

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    private static TableStatus reading(long rows, long estimated, long planned, long finished, boolean complete) {
        return new TableStatus(ORDERS, Stage.READING, 1, rows, estimated, planned, finished, complete);
    }

    private static TableStatus at(Stage stage, int run, long rows) {
        return new TableStatus(ORDERS, stage, run, rows, 1_000, 10, rows / 100, false);
    }

    private TablePace update(TableStatus status) {
        progress.update(2, List.of(status));
        return progress.tables().get(0);
    }

    @Test
    void the_speed_is_what_was_read_in_the_last_half_minute() {
        update(reading(0, 3_000_000, 300, 0, false));
        for (int second = 1; second <= 60; second++) {
            pass(1);
            long rows = second <= 30 ? second * 1_000L : 30_000 + (second - 30) * 5_000L;
            assertThat(update(reading(rows, 3_000_000, 300, 0, false)).rowsPerSecond())
                    .as("second %s", second)
                    .isEqualTo(second <= 30 ? 1_000 : 1_000 + Math.round((second - 30) * 4_000 / 30.0));
        }
    }

    @Test
    void rows_that_come_in_jumps_are_spread_over_the_window() {
        update(reading(0, 3_000_000, 300, 0, false));
        pass(10);
        assertThat(update(reading(100_000, 3_000_000, 300, 1, false)).rowsPerSecond())
                .isEqualTo(10_000);
        pass(10);
        assertThat(progress.tables().get(0).rowsPerSecond()).isEqualTo(5_000);
    }

    @Test
    void the_speed_is_zero_and_the_end_unknown_when_nothing_moves() {
        update(reading(0, 1_000, 10, 0, true));
        pass(5);
        assertThat(update(reading(500, 1_000, 10, 5, true)).etaSeconds()).isEqualTo(5);
        pass(35);
        TablePace stalled = update(reading(500, 1_000, 10, 5, true));
        assertThat(stalled.rowsPerSecond()).isZero();
        assertThat(stalled.etaSeconds()).isEqualTo(TablePace.UNKNOWN);
        assertThat(stalled.percent()).isEqualTo(50);
    }

    @Test
    void waiting_for_its_turn_does_not_slow_a_table() {
        update(at(Stage.WAITING, 1, 0));
        pass(100);
        update(at(Stage.READING, 1, 0));
        pass(2);
        assertThat(update(at(Stage.READING, 1, 400)).rowsPerSecond()).isEqualTo(200);
    }

    @Test
    void rows_of_before_a_restore_count_as_done_but_not_as_speed() {
        update(reading(900_000, 1_000_000, 100, 90, true));
        pass(10);
        TablePace pace = update(reading(910_000, 1_000_000, 100, 91, true));
        assertThat(pace.rowsPerSecond()).isEqualTo(1_000);
        assertThat(pace.percent()).isEqualTo(91);
        assertThat(pace.etaSeconds()).isEqualTo(90);
    }

    @Test
    void a_new_run_begins_from_zero_rows() {
        update(at(Stage.READING, 1, 0));
        pass(10);
        update(at(Stage.READING, 1, 900));
        update(at(Stage.READING, 2, 0));
        pass(10);
        TablePace pace = update(at(Stage.READING, 2, 100));
        assertThat(pace.rowsPerSecond()).isEqualTo(10);
        assertThat(pace.percent()).isEqualTo(10);
    }

    /** Ten seconds in which 1 000 rows are read lie behind each of these. */
    @ParameterizedTest
    @CsvSource({
        "1000,  4000, 40, 10, false, 25, 30",
        "1000,  4000, 40, 10, true,  25, 30",
        // Nothing was ever analyzed, and the plan has an end: the chunks say it.
        "1000,    -1, 40, 10, true,  25, 30",
        "1000,     0, 40, 10, true,  25, 30",
        // An estimate that is surpassed was wrong.
        "1000,   900, 40, 10, true,  25, 30",
        "1000,  1000, 40, 10, true,  25, 30",
        // Nobody can know.
        "1000,    -1, 40, 10, false, -1, -1",
        "1000,   900, 40, 10, false, -1, -1",
        // Never 100 before the last row.
        "1000,  1001, 40, 10, true,  99,  1",
        "1000,    -1, 10, 10, true,  99,  0",
        "1000,    -1,  5,  0, true,   0, -1",
    })
    void share_and_time_left_come_from_the_estimate_or_else_from_a_complete_plan(
            long rows, long estimated, long planned, long finished, boolean complete, int percent, long eta) {
        update(reading(0, estimated, planned, 0, complete));
        pass(10);
        TablePace pace = update(reading(rows, estimated, planned, finished, complete));
        assertThat(pace.percent()).isEqualTo(percent);
        assertThat(pace.etaSeconds()).isEqualTo(eta);
    }

    @ParameterizedTest
    @CsvSource({
        "WAITING,    0, -1",
        "JOINING,    0, -1",
        "READ,     100,  0",
        "SWEEPING, 100,  0",
        "DONE,     100,  0",
    })
    void a_table_that_is_not_being_read_has_no_speed(Stage stage, int percent, long eta) {
        update(at(Stage.READING, 1, 0));
        pass(10);
        TablePace pace = update(at(stage, 1, 0));
        assertThat(pace.rowsPerSecond()).isZero();
        assertThat(pace.percent()).isEqualTo(percent);
        assertThat(pace.etaSeconds()).isEqualTo(eta);
    }

    @Test
    void a_line_is_due_every_ten_seconds_while_a_table_is_read_and_when_it_is_read() {
        update(reading(0, 3_000_000, 100, 0, false));
        assertThat(progress.dueLines()).isEmpty();
        pass(9);
        update(reading(300_000, 3_000_000, 150, 30, false));
        assertThat(progress.dueLines()).isEmpty();
        pass(1);
        update(reading(450_000, 3_000_000, 300, 45, false));
        assertThat(progress.dueLines())
                .containsExactly("Snapshot of public.orders (run 1, generation 2): 450 000 of about 3 000 000 rows, "
                        + "15 %, 45 of 300+ chunks, 45 000 rows/s, about 57 s left");
        assertThat(progress.dueLines()).isEmpty();
        pass(10);
        update(reading(1_000_000, -1, 300, 100, false));
        assertThat(progress.dueLines())
                .containsExactly("Snapshot of public.orders (run 1, generation 2): 1 000 000 rows, "
                        + "100 of 300+ chunks, 50 000 rows/s");
        pass(5);
        update(new TableStatus(ORDERS, Stage.READ, 1, 3_000_000, 3_000_000, 300, 300, true));
        assertThat(progress.dueLines())
                .containsExactly("Snapshot of public.orders (run 1, generation 2) is read: "
                        + "3 000 000 rows in 300 chunks, 120 000 rows/s");
        pass(60);
        update(new TableStatus(ORDERS, Stage.DONE, 1, 3_000_000, 3_000_000, 300, 300, true));
        assertThat(progress.dueLines()).isEmpty();
    }

    @Test
    void a_table_read_between_two_looks_is_told_once_and_one_restored_as_read_never() {
        update(at(Stage.WAITING, 1, 0));
        update(at(Stage.READ, 1, 100));
        update(at(Stage.DONE, 1, 100));
        assertThat(progress.dueLines())
                .containsExactly("Snapshot of public.orders (run 1, generation 2) is read: 100 rows in 1 chunks");
        update(at(Stage.SWEEPING, 2, 100));
        assertThat(progress.dueLines()).singleElement().asString().contains("run 2");

        SnapshotProgress restored = new SnapshotProgress(() -> now);
        restored.update(2, List.of(at(Stage.DONE, 1, 100)));
        assertThat(restored.dueLines()).isEmpty();
    }

    @Test
    void tables_keep_their_order_and_removed_ones_are_forgotten() {
        TableStatus customers = new TableStatus(CUSTOMERS, Stage.READING, 1, 10, -1, 1, 0, true);
        progress.update(1, List.of(at(Stage.READING, 1, 0), customers));
        assertThat(progress.tables()).extracting(pace -> pace.status().table()).containsExactly(ORDERS, CUSTOMERS);
        pass(10);
        progress.update(1, List.of(customers));
        assertThat(progress.tables()).singleElement().isEqualTo(new TablePace(customers, 0, -1, 0));
        assertThat(progress.dueLines()).singleElement().asString().contains("customers");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 s", "119, 119 s", "120, 2 min", "7169, 119 min", "7200, 2 h 0 min", "12000, 3 h 20 min"})
    void durations_are_as_exact_as_estimates_are(long seconds, String text) {
        assertThat(SnapshotProgress.duration(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "999, 999",
        "1000, 1 000",
        "1234567, 1 234 567",
        "9223372036854775807, 9 223 372 036 854 775 807"
    })
    void numbers_are_grouped(long number, String text) {
        assertThat(SnapshotProgress.grouped(number)).isEqualTo(text);
    }

    @Test
    void counts_that_cannot_be_are_refused() {
        assertThatThrownBy(() -> reading(0, -2, 0, 0, false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> reading(-1, 0, 0, 0, false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> reading(0, 0, 1, 2, false)).isInstanceOf(IllegalArgumentException.class);
    }
}
