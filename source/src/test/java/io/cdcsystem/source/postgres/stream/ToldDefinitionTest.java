package io.cdcsystem.source.postgres.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.ddl.DdlMessage;
import io.cdcsystem.source.postgres.ddl.DdlMessages;
import io.cdcsystem.source.postgres.pgoutput.PgOutputDecoder;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.split.CapturedTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where the definitions that event triggers tell stand among a transaction's rows, also when it is read again. */
@Tag("L3")
@Tag("E10")
class ToldDefinitionTest {
    private static final int T = 77;
    private static final int TEXT_OID = 25;
    private static final int POINT_OID = 600;
    private static final TableSchema ONE = table("a");
    private static final TableSchema TWO = table("a", "b");

    private final PgOutputDecoder decoder = new PgOutputDecoder();
    private BatchAssembler assembler = assembler(0, ONE);

    private static TableSchema table(String... columns) {
        List<Column> all = new ArrayList<>();
        for (String name : columns) {
            all.add(new Column(name, ColumnType.of(Kind.STRING), true, null, "text"));
        }
        return new TableSchema(new TableId("db", "public", "t"), all, List.of());
    }

    private static BatchAssembler assembler(long changesAfter, TableSchema table) {
        CapturedDefinitions definitions = new CapturedDefinitions(
                BatchAssemblerTest.CONFIG, List.of(new CapturedTable(table, null)), BatchAssemblerTest.TYPES, null);
        BatchAssembler assembler = new BatchAssembler(
                1, 100, changesAfter, definitions, new TransactionIds(0x1_0000_0010L), "cdc.signal:s");
        assembler.beginSession(true);
        return assembler;
    }

    private void describe(int type, String... columns) {
        List<RelationMessage.Column> all = new ArrayList<>();
        for (String name : columns) {
            all.add(new RelationMessage.Column(false, name, name.equals("p") ? type : TEXT_OID, -1));
        }
        assembler.relation(new RelationMessage(T, "public", "t", 'd', all));
    }

    private void insert(int columns) {
        String message =
                "49" + HexFormat.of().toHexDigits(T) + "4e" + HexFormat.of().toHexDigits((short) columns);
        byte[] bytes = HexFormat.of().parseHex(message + "6e".repeat(columns));
        decoder.decode(bytes, 0, bytes.length, assembler);
    }

    private void tell(boolean rewritten, String... columns) {
        StringBuilder text = new StringBuilder("{\"v\":1,\"tag\":\"ALTER TABLE\",\"object_type\":\"table\","
                + "\"statement\":\"ALTER\",\"oid\":77,\"schema\":\"public\",\"name\":\"t\",\"rewritten\":" + rewritten
                + ",\"columns\":[");
        for (int i = 0; i < columns.length; i++) {
            text.append(i == 0 ? "" : ",")
                    .append("{\"attnum\":" + (i + 1) + ",\"name\":\"" + columns[i] + "\",\"type\":"
                            + (columns[i].equals("p") ? POINT_OID : TEXT_OID) + ",\"typmod\":-1}");
        }
        message(true, text + "]}");
    }

    private void message(boolean transactional, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assembler.message(transactional, 150, DdlMessage.PREFIX, bytes, 0, bytes.length);
    }

    /** Two rows of the first version, a rewrite, two of the second, and a third column behind them. */
    private void transaction() {
        assembler.begin(200, 5, 1);
        describe(TEXT_OID, "a");
        insert(1);
        insert(1);
        tell(true, "a", "b");
        describe(TEXT_OID, "a", "b");
        insert(2);
        insert(2);
        tell(false, "a", "b", "c");
        assembler.commit(200, 210, 5);
    }

    private static TableChange told(TableSchema before, TableSchema after, boolean rewritten) {
        return new TableChange(before, after, java.util.Map.of(), rewritten, ChangeOrigin.DDL, "ALTER");
    }

    @Test
    void a_definition_stands_between_the_rows_that_it_divides() {
        transaction();
        LogBatch batch = Objects.requireNonNull(assembler.takeReady());
        assertThat(batch.changes())
                .extracting(DefinitionChange::change)
                .containsExactly(told(ONE, TWO, true), told(TWO, table("a", "b", "c"), false));
        assertThat(batch.changes()).extracting(DefinitionChange::before).containsExactly(2, 4);
        assertThat(batch.changes().get(0).position())
                .isEqualTo(batch.events().get(2).position());
        assertThat(batch.newVersions()).containsExactly(TWO, table("a", "b", "c"));
        assertThat(batch.events().get(1).table()).isSameAs(ONE);
        assertThat(batch.events().get(2).table()).isSameAs(batch.newVersions().get(0));
        assertThat(batch.signals()).hasSize(1);
    }

    @Test
    void a_reading_resumed_anywhere_tells_exactly_what_is_behind() {
        transaction();
        LogBatch whole = Objects.requireNonNull(assembler.takeReady());
        LogSignal signal = whole.signals().get(0);
        for (int handedOver = 1; handedOver <= 4; handedOver++) {
            assembler = assembler(handedOver, handedOver <= 2 ? ONE : TWO);
            transaction();
            LogBatch rest = Objects.requireNonNull(assembler.takeReady());
            assertThat(rest.events())
                    .extracting(event -> event.table())
                    .isEqualTo(whole.events().subList(handedOver, 4).stream()
                            .map(event -> event.table())
                            .toList());
            assertThat(rest.changes())
                    .as("behind %s", handedOver)
                    .extracting(DefinitionChange::change)
                    .isEqualTo(whole.changes().subList(handedOver <= 2 ? 0 : 1, 2).stream()
                            .map(DefinitionChange::change)
                            .toList());
            assertThat(rest.signals()).isEqualTo(handedOver <= 2 ? List.of(signal) : List.of());
        }
    }

    @Test
    void without_event_triggers_skipped_rows_tell_nothing_either() {
        assembler = assembler(3, TWO);
        assembler.begin(200, 5, 1);
        describe(TEXT_OID, "a");
        insert(1);
        describe(TEXT_OID, "a", "b");
        insert(2);
        insert(2);
        insert(2);
        describe(TEXT_OID, "a");
        insert(1);
        assembler.commit(200, 210, 5);
        LogBatch batch = Objects.requireNonNull(assembler.takeReady());
        assertThat(batch.events().get(0).table()).isSameAs(TWO);
        assertThat(batch.changes())
                .extracting(DefinitionChange::change)
                .containsExactly(TableChange.inferred(TWO, ONE));
        assertThat(batch.changes().get(0).before()).isEqualTo(1);
    }

    @Test
    void a_definition_behind_a_full_slice_goes_with_the_next() {
        assembler.begin(200, 5, 1);
        describe(TEXT_OID, "a");
        for (int i = 0; i < PendingBatch.EVENTS_MAX; i++) {
            insert(1);
        }
        tell(true, "a", "b");
        LogBatch slice = Objects.requireNonNull(assembler.takeFull());
        assertThat(slice.changesAfter()).isEqualTo(PendingBatch.EVENTS_MAX);
        assertThat(slice.changes()).isEmpty();
        assertThat(slice.newVersions()).isEmpty();
        assertThat(slice.signals()).isEmpty();
        assertThat(assembler.takeFull()).isNull();
        describe(TEXT_OID, "a", "b");
        insert(2);
        assembler.commit(200, 210, 5);
        LogBatch rest = Objects.requireNonNull(assembler.takeReady());
        assertThat(rest.changes()).extracting(DefinitionChange::before).containsExactly(0);
        assertThat(rest.newVersions()).containsExactly(TWO);
        assertThat(rest.signals()).hasSize(1);
    }

    @Test
    void a_session_that_begins_anew_takes_back_what_is_told_again() {
        assembler.begin(200, 5, 1);
        describe(TEXT_OID, "a");
        insert(1);
        tell(false, "a", "b");
        tell(false, "a", "b", "p");
        assertThat(assembler.textNeeded()).isTrue();
        assembler.beginSession(false);
        assembler.begin(200, 5, 1);
        describe(TEXT_OID, "a");
        insert(1);
        tell(false, "a", "b");
        tell(false, "a", "b", "p");
        assertThat(assembler.textNeeded()).isFalse();
        describe(POINT_OID, "a", "b", "p");
        insert(3);
        assembler.commit(200, 210, 5);
        LogBatch batch = Objects.requireNonNull(assembler.takeReady());
        assertThat(batch.events()).hasSize(2);
        assertThat(batch.changes()).hasSize(2);
        assertThat(batch.changes().get(0).change()).isEqualTo(told(ONE, TWO, false));
        assertThat(batch.changes().get(1).change().before()).isEqualTo(TWO);
        assertThat(batch.events().get(1).table())
                .isSameAs(batch.changes().get(1).change().after());
    }

    @Test
    void what_is_no_message_of_the_triggers_is_ignored() {
        assembler.begin(200, 5, 1);
        for (String text : List.of("", "[]", "{}", "nonsense", "{\"oid\":77,\"schema\":\"public\"}")) {
            assertThat(DdlMessages.read(text)).as(text).isEmpty();
            message(true, text);
        }
        assembler.commit(200, 210, 5);
        message(false, "{\"oid\":77,\"schema\":\"public\",\"name\":\"t\",\"dropped\":true}");
        assertThat(assembler.takeReady()).isNull();
    }

    @Test
    void a_reading_resumed_behind_a_change_that_the_server_describes_nothing_anew_for_goes_on() {
        TableSchema other = new TableSchema(new TableId("db", "public", "other"), ONE.columns(), List.of());
        for (TableSchema captured : List.of(ONE, other)) {
            assembler = assembler(2, captured);
            assembler.begin(200, 5, 1);
            describe(TEXT_OID, "a");
            insert(1);
            tell(false, "a");
            insert(1);
            insert(1);
            assembler.commit(200, 210, 5);
            LogBatch rest = assembler.takeReady();
            if (captured.equals(ONE)) {
                assertThat(Objects.requireNonNull(rest).changes()).isEmpty();
                assertThat(rest.events()).hasSize(1).allMatch(event -> event.table()
                        .equals(ONE));
            } else {
                assertThat(rest).isNull();
            }
        }
    }
}
