package io.cdcsystem.source.postgres.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.pgoutput.PgOutputDecoder;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.split.CapturedTable;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Signals within the log, and tables that are captured later. */
@Tag("S8")
@Tag("S9")
class LogSignalTest {
    private static final int T = 77;
    private static final int SIGNALS = 78;
    private static final int ADDED = 79;
    private static final int TEXT_OID = 25;
    private static final int VARCHAR_OID = 1043;
    private static final int POINT_OID = 600;
    private static final String PREFIX = "cdc.signal:s";
    private static final TableSchema TABLE = table("t");
    private static final TableSchema OTHER = table("added");

    private final PgOutputDecoder decoder = new PgOutputDecoder();
    private BatchAssembler assembler = assembler(0);

    private static TableSchema table(String name) {
        return new TableSchema(
                new TableId("db", "public", name),
                List.of(new Column("id", ColumnType.of(Kind.STRING), false, null, "text")),
                List.of("id"));
    }

    private static BatchAssembler assembler(long changesAfter) {
        CapturedDefinitions relations = new CapturedDefinitions(
                BatchAssemblerTest.CONFIG,
                List.of(new CapturedTable(TABLE, null)),
                BatchAssemblerTest.TYPES,
                new TableId("db", "ops", "signals"));
        BatchAssembler assembler =
                new BatchAssembler(1, 100, changesAfter, relations, new TransactionIds(0x1_0000_0010L), PREFIX);
        assembler.beginSession(true);
        return assembler;
    }

    private void begin(long commit) {
        assembler.begin(commit, 5, 1);
    }

    private void commit(long commit) {
        assembler.commit(commit, commit + 10, 5);
    }

    private void describe() {
        assembler.relation(relation(T, "public", "t", TEXT_OID));
        assembler.relation(relation(SIGNALS, "ops", "signals", VARCHAR_OID, VARCHAR_OID, VARCHAR_OID));
    }

    private static RelationMessage relation(int oid, String namespace, String name, int... types) {
        List<RelationMessage.Column> columns = new java.util.ArrayList<>();
        for (int i = 0; i < types.length; i++) {
            columns.add(new RelationMessage.Column(i == 0, i == 0 ? "id" : "c" + i, types[i], -1));
        }
        return new RelationMessage(oid, namespace, name, 'd', columns);
    }

    /** An INSERT of values in binary form; null is NULL. */
    private void insert(int relation, @Nullable String... values) {
        HexFormat hex = HexFormat.of();
        StringBuilder message = new StringBuilder("49" + hex.toHexDigits(relation) + "4e")
                .append(hex.toHexDigits((short) values.length));
        for (String value : values) {
            if (value == null) {
                message.append("6e");
            } else {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                message.append("62").append(hex.toHexDigits(bytes.length)).append(hex.formatHex(bytes));
            }
        }
        byte[] bytes = hex.parseHex(message);
        decoder.decode(bytes, 0, bytes.length, assembler);
    }

    private void message(boolean transactional, String prefix, String content) {
        byte[] bytes = ("xx" + content + "yy").getBytes(StandardCharsets.UTF_8);
        assembler.message(transactional, 150, prefix, bytes, 2, bytes.length - 4);
    }

    private void signal(String id) {
        message(true, PREFIX, "{\"id\":\"" + id + "\",\"type\":\"pause-snapshot\",\"data\":{}}");
    }

    private LogBatch ready() {
        return Objects.requireNonNull(assembler.takeReady(), "nothing is ready");
    }

    private static List<String> ids(LogBatch batch) {
        return batch.signals().stream().map(signal -> signal.signal().id()).toList();
    }

    private static List<Integer> ordinals(LogBatch batch) {
        return batch.events().stream()
                .map(SourceEvent::position)
                .map(Position::ordinal)
                .toList();
    }

    @Test
    void a_message_comes_with_its_commit_and_consumes_no_ordinal() {
        begin(200);
        describe();
        insert(T, "a");
        signal("1");
        insert(T, "b");
        signal("2");
        assertThat(assembler.takeReady()).isNull();
        commit(200);
        LogBatch batch = ready();
        assertThat(ordinals(batch)).containsExactly(0, 1);
        assertThat(batch.signals())
                .containsExactly(
                        new LogSignal(new Position(1, 200, 0), new Signal("1", "pause-snapshot", "{}")),
                        new LogSignal(new Position(1, 200, 1), new Signal("2", "pause-snapshot", "{}")));
    }

    @Test
    void a_transaction_of_nothing_but_a_message_is_handed_over() {
        begin(200);
        message(true, PREFIX, "no JSON");
        commit(200);
        LogBatch batch = ready();
        assertThat(batch.events()).isEmpty();
        assertThat(batch.signals()).singleElement().satisfies(signal -> {
            assertThat(signal.signal()).isEqualTo(new Signal("0/96", "", "no JSON"));
        });
        assertThat(assembler.takeReady()).isNull();
    }

    @Test
    void messages_of_others_and_messages_outside_of_transactions_are_no_signals() {
        message(false, PREFIX, "{\"type\":\"pause-snapshot\"}");
        message(false, "outbox", "x");
        begin(200);
        message(true, "outbox", "x");
        message(true, "cdc.signal:other_slot", "{\"type\":\"pause-snapshot\"}");
        commit(200);
        assertThat(assembler.takeReady()).isNull();
    }

    @Test
    void a_row_of_the_signal_table_is_a_signal_and_no_event_but_counts() {
        begin(200);
        describe();
        insert(SIGNALS, "7", "execute-snapshot", "{\"a\":1}");
        insert(T, "a");
        insert(SIGNALS, "8", "pause-snapshot", null);
        commit(200);
        LogBatch batch = ready();
        assertThat(ordinals(batch)).containsExactly(1);
        assertThat(batch.signals())
                .containsExactly(
                        new LogSignal(new Position(1, 200, 0), new Signal("7", "execute-snapshot", "{\"a\":1}")),
                        new LogSignal(new Position(1, 200, 1), new Signal("8", "pause-snapshot", "")));
    }

    @Test
    void wherever_a_large_transaction_is_cut_and_resumed_each_signal_comes_once_at_its_position() {
        List<LogSignal> whole = sendMixed(0);
        assertThat(whole).extracting(signal -> signal.signal().id()).containsExactly("1", "2", "3", "4", "5");
        for (int cut = 1; cut <= 4; cut++) {
            // What a slice that ends after the cut takes, and what a reading resumed there takes.
            List<LogSignal> before = List.copyOf(new MixedSlice().before(cut));
            List<LogSignal> after = sendMixed(cut);
            assertThat(java.util.stream.Stream.concat(before.stream(), after.stream()))
                    .as("cut after %s changes", cut)
                    .containsExactlyElementsOf(whole);
        }
    }

    /** Signals and rows in turn; the signals of that transaction that are handed over. */
    private List<LogSignal> sendMixed(long changesAfter) {
        assembler = assembler(changesAfter);
        begin(200);
        describe();
        signal("1");
        insert(T, "a");
        signal("2");
        signal("3");
        insert(SIGNALS, "4", "pause-snapshot", "{}");
        insert(T, "b");
        insert(T, "c");
        signal("5");
        commit(200);
        return ready().signals();
    }

    /** The same signals held by themselves. */
    private static final class MixedSlice {
        private final OpenSignals signals = new OpenSignals();

        List<LogSignal> before(long changes) {
            long[] changesBefore = {0, 1, 1, 1, 4};
            for (int i = 0; i < changesBefore.length; i++) {
                signals.add(1, 200, changesBefore[i], new Signal(Integer.toString(i + 1), "pause-snapshot", "{}"));
            }
            return signals.takeBefore(changes);
        }
    }

    @Test
    void a_slice_leaves_the_signals_behind_its_last_change_to_the_next() {
        begin(200);
        describe();
        signal("first");
        for (int i = 0; i < PendingBatch.EVENTS_MAX; i++) {
            insert(T, "a");
        }
        signal("behind");
        LogBatch slice = Objects.requireNonNull(assembler.takeFull());
        assertThat(slice.changesAfter()).isEqualTo(PendingBatch.EVENTS_MAX);
        assertThat(ids(slice)).containsExactly("first");
        commit(200);
        LogBatch rest = ready();
        assertThat(rest.events()).isEmpty();
        assertThat(rest.signals()).singleElement().satisfies(signal -> {
            assertThat(signal.signal().id()).isEqualTo("behind");
            assertThat(signal.position()).isEqualTo(new Position(1, 200, 1));
        });
    }

    @Test
    void a_session_that_goes_on_in_text_repeats_no_signal() {
        begin(200);
        describe();
        signal("1");
        insert(T, "a");
        signal("2");
        assembler.relation(relation(T, "public", "t", TEXT_OID, POINT_OID));
        assertThat(assembler.textNeeded()).isTrue();
        assembler.beginSession(false);
        begin(200);
        describe();
        signal("1");
        insert(T, "a");
        signal("2");
        commit(200);
        LogBatch batch = ready();
        assertThat(ids(batch)).containsExactly("1", "2");
        assertThat(batch.signals().get(1).position()).isEqualTo(new Position(1, 200, 1));
    }

    @Test
    void a_signal_table_with_a_column_of_another_type_is_read_as_text() {
        begin(200);
        assembler.relation(relation(SIGNALS, "ops", "signals", POINT_OID, VARCHAR_OID, VARCHAR_OID));
        assertThat(assembler.textNeeded()).isTrue();
    }

    @Test
    void an_added_table_is_captured_with_a_description_that_came_before() {
        begin(200);
        describe();
        assembler.relation(relation(ADDED, "public", "added", TEXT_OID));
        insert(ADDED, "not captured yet");
        commit(200);
        assembler.capture(List.of(new CapturedTable(TABLE, null), new CapturedTable(OTHER, null)));
        begin(300);
        insert(ADDED, "a");
        insert(T, "b");
        commit(300);
        LogBatch batch = ready();
        assertThat(ordinals(batch)).containsExactly(0, 1);
        assertThat(batch.events().get(0).table()).isSameAs(OTHER);
        assertThat(batch.events().get(1).table()).isSameAs(TABLE);
        assertThat(batch.newVersions()).isEmpty();
    }

    @Test
    void an_added_table_that_the_log_describes_otherwise_begins_with_that_version() {
        begin(200);
        assembler.relation(relation(ADDED, "public", "added", TEXT_OID, TEXT_OID));
        commit(200);
        assembler.capture(List.of(new CapturedTable(OTHER, null)));
        begin(300);
        insert(ADDED, "a", "b");
        commit(300);
        LogBatch batch = ready();
        assertThat(batch.newVersions()).containsExactly(batch.events().get(0).table());
        assertThat(batch.newVersions().get(0).columns()).hasSize(2);
    }

    @Test
    void the_open_transaction_is_finished_as_it_was_begun() {
        begin(200);
        describe();
        assembler.relation(relation(ADDED, "public", "added", TEXT_OID));
        insert(T, "a");
        assembler.capture(List.of(new CapturedTable(OTHER, null)));
        insert(ADDED, "a");
        insert(T, "b");
        commit(200);
        begin(300);
        insert(ADDED, "c");
        insert(T, "d");
        commit(300);
        LogBatch batch = ready();
        assertThat(batch.events())
                .extracting(event -> event.table().id().name())
                .containsExactly("t", "t", "added");
    }

    @Test
    void a_table_that_is_captured_no_longer_begins_no_version_for_a_restart() {
        begin(200);
        assembler.relation(relation(T, "public", "t", TEXT_OID, TEXT_OID));
        insert(T, "a", "b");
        assembler.capture(List.of(new CapturedTable(OTHER, null)));
        assembler.relation(relation(T, "public", "t", TEXT_OID));
        insert(T, "a");
        commit(200);
        LogBatch batch = ready();
        assertThat(batch.events()).hasSize(2);
        assertThat(batch.newVersions()).isEmpty();
    }

    @Test
    void a_resumed_transaction_is_finished_as_it_was_begun_too() {
        assembler = assembler(1);
        assembler.capture(List.of(new CapturedTable(OTHER, null)));
        begin(200);
        describe();
        assembler.relation(relation(ADDED, "public", "added", TEXT_OID));
        insert(T, "a");
        insert(T, "b");
        commit(200);
        begin(300);
        insert(T, "c");
        insert(ADDED, "d");
        commit(300);
        assertThat(ready().events())
                .extracting(event -> event.table().id().name())
                .containsExactly("t", "added");
    }

    @Test
    void a_kept_table_stays_as_it_is() {
        begin(200);
        assembler.relation(relation(T, "public", "t", TEXT_OID, TEXT_OID));
        insert(T, "a", "b");
        commit(200);
        TableSchema inForce = ready().events().get(0).table();
        Generation seesAll = new Generation(
                1, 1, new Position(1, 0, 1), new Visibility(0x1_0000_0005L, 0x1_0000_0005L, new long[] {}));
        assembler.capture(List.of(new CapturedTable(TABLE, seesAll)));
        assembler.begin(300, 5, 4);
        insert(T, "c", "d");
        commit(300);
        LogBatch batch = ready();
        assertThat(batch.newVersions()).isEmpty();
        assertThat(batch.events()).singleElement().satisfies(event -> {
            assertThat(event.table()).isSameAs(inForce);
            assertThat(event.position()).isEqualTo(new Position(1, 300, 0));
        });
    }

    @Test
    void an_added_table_without_binary_form_turns_the_stream_to_text() {
        begin(200);
        assembler.relation(relation(ADDED, "public", "added", POINT_OID));
        commit(200);
        assertThat(assembler.textNeeded()).isFalse();
        assembler.capture(List.of(new CapturedTable(OTHER, null)));
        assertThat(assembler.textNeeded()).isTrue();
        assembler.beginSession(false);
        begin(300);
        assembler.relation(relation(ADDED, "public", "added", POINT_OID));
        insert(ADDED, "a");
        commit(300);
        assertThat(ready().events()).hasSize(1);
    }
}
