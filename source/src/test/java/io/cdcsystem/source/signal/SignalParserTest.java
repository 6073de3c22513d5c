package io.cdcsystem.source.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.signal.SnapshotCommand.AddTables;
import io.cdcsystem.source.signal.SnapshotCommand.ExecuteSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.LogMessage;
import io.cdcsystem.source.signal.SnapshotCommand.PauseSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.RemoveTables;
import io.cdcsystem.source.signal.SnapshotCommand.ResumeSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.StopSnapshot;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("S8")
@Tag("S9")
class SignalParserTest {
    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId ITEMS = new TableId("shop", "public", "items");
    private static final TableId ODD = new TableId("shop", "public", "My.Table+");

    private static SnapshotCommand parse(String type, String data) throws SignalException {
        return SignalParser.parse(new Signal("1", type, data));
    }

    private static ExecuteSnapshot execute(String data) throws SignalException {
        return (ExecuteSnapshot) parse("execute-snapshot", data);
    }

    @Test
    void debeziums_own_examples_are_understood() throws SignalException {
        ExecuteSnapshot snapshot = execute("""
                {"data-collections":["public.orders"],"type":"incremental",
                 "additional-conditions":[{"data-collection":"public.orders","filter":"region='eu'"}]}""");
        assertThat(snapshot.matches(ORDERS)).isTrue();
        assertThat(snapshot.matches(ITEMS)).isFalse();
        assertThat(snapshot.condition(ORDERS)).isEqualTo("region='eu'");
        assertThat(snapshot.condition(ITEMS)).isNull();
        assertThat(snapshot.remarks()).isEmpty();
        assertThat(parse("stop-snapshot", "{\"data-collections\":[\"public.orders\"],\"type\":\"INCREMENTAL\"}"))
                .isEqualTo(new StopSnapshot(TableMatcher.of(List.of("public.orders"))));
        assertThat(parse("pause-snapshot", "{}")).isEqualTo(new PauseSnapshot());
        assertThat(parse("resume-snapshot", "")).isEqualTo(new ResumeSnapshot());
        assertThat(parse("log", "{\"message\": \"Signal message at offset {}\"}"))
                .isEqualTo(new LogMessage("Signal message at offset {}"));
    }

    @Test
    void stop_without_tables_stops_all() throws SignalException {
        StopSnapshot stop = (StopSnapshot) parse("stop-snapshot", "{}");
        assertThat(stop.tables().isAll()).isTrue();
        assertThat(stop.matches(ORDERS)).isTrue();
        assertThat(parse("stop-snapshot", "")).isEqualTo(stop);
        assertThat(parse("stop-snapshot", "{\"data-collections\":[]}")).isEqualTo(stop);
    }

    @Test
    void tables_are_added_and_removed() throws SignalException {
        AddTables add = (AddTables) parse("add-tables", "{\"data-collections\":[\"public\\\\..*\"]}");
        assertThat(add.matches(ITEMS)).isTrue();
        RemoveTables remove = (RemoveTables) parse("remove-tables", "{\"data-collections\":[\"public.items\"]}");
        assertThat(remove.matches(ITEMS)).isTrue();
        assertThat(remove.matches(ORDERS)).isFalse();
    }

    @Test
    void a_collection_is_an_expression_for_the_whole_name_with_or_without_database() throws SignalException {
        assertThat(TableMatcher.of(List.of("public.*")).matches(ORDERS)).isTrue();
        assertThat(TableMatcher.of(List.of("shop\\.public\\.orders")).matches(ORDERS))
                .isTrue();
        assertThat(TableMatcher.of(List.of("orders")).matches(ORDERS)).isFalse();
        assertThat(TableMatcher.of(List.of("public.order")).matches(ORDERS)).isFalse();
        assertThat(TableMatcher.of(List.of("PUBLIC.orders")).matches(ORDERS)).isFalse();
        assertThat(TableMatcher.of(List.of("other.orders", "public.(orders|items)"))
                        .matches(ITEMS))
                .isTrue();
    }

    @Test
    void a_quoted_name_and_a_full_name_are_meant_literally() throws SignalException {
        assertThat(TableMatcher.of(List.of("public.\"My.Table+\"")).matches(ODD))
                .isTrue();
        assertThat(TableMatcher.of(List.of("public.\"My.Tables\"")).matches(ODD))
                .isFalse();
        assertThat(TableMatcher.of(List.of("public.My.Table+")).matches(ODD)).isTrue();
    }

    @Test
    void blocking_reads_like_incremental_and_the_surrogate_key_is_remarked() throws SignalException {
        ExecuteSnapshot snapshot =
                execute("{\"data-collections\":[\"public.orders\"],\"type\":\"BLOCKING\",\"surrogate-key\":\"c\"}");
        assertThat(snapshot.matches(ORDERS)).isTrue();
        assertThat(snapshot.remarks()).singleElement().asString().contains("surrogate-key");
    }

    @Test
    void the_older_single_condition_holds_for_all_tables() throws SignalException {
        ExecuteSnapshot snapshot =
                execute("{\"data-collections\":[\"public.orders\"],\"additional-condition\":\"id > 7\"}");
        assertThat(snapshot.condition(ORDERS)).isEqualTo("id > 7");
        assertThat(execute("{\"data-collections\":[\"public.orders\"],\"additional-condition\":\" \"}")
                        .condition(ORDERS))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"execute-snapshot", "add-tables", "remove-tables"})
    void a_signal_without_its_tables_says_so(String type) {
        for (String data : List.of("", "{}", "{\"data-collections\":[]}", "{\"data-collections\":null}")) {
            assertThatThrownBy(() -> parse(type, data))
                    .as(data)
                    .isInstanceOf(SignalException.class)
                    .hasMessageContaining("no tables")
                    .hasMessageContaining("data-collections");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    execute-snapshot | {"data-collections":["a.b"]      | no JSON
                    execute-snapshot | {"data-collections":["a.b"]} x   | no JSON
                    execute-snapshot | ["a.b"]                          | no JSON object
                    execute-snapshot | {"data-collections":"a.b"}       | must be an array
                    execute-snapshot | {"data-collections":[1]}         | no text
                    execute-snapshot | {"data-collections":["a.("]}     | no regular expression
                    execute-snapshot | {"data-collections":["a.\\"b"]}  | names no table
                    execute-snapshot | {"data-collections":["a.b"],"type":"full"} | neither incremental nor blocking
                    execute-snapshot | {"data-collections":["a.b"],"additional-conditions":["x"]} | names no table
                    execute-snapshot | {"data-collections":["a.b"],"additional-conditions":[{"data-collection":"a.b","filter":"SELECT * FROM a.b"}]} | whole query
                    log              | {}                               | no message
                    schema-changes   | {}                               | is not one of execute-snapshot
                    """)
    void what_is_wrong_is_said(String type, String data, String said) {
        assertThatThrownBy(() -> parse(type, data))
                .isInstanceOf(SignalException.class)
                .hasMessageContaining(said);
    }

    @Test
    void an_envelope_gives_the_signal_that_was_written() {
        Signal signal = new Signal("7", "execute-snapshot", "{\"data-collections\":[\"public.orders\"]}");
        assertThat(SignalEnvelope.read(SignalEnvelope.write(signal), "other")).isEqualTo(signal);
        assertThat(SignalEnvelope.read("{\"type\":\"pause-snapshot\"}", "other"))
                .isEqualTo(new Signal("other", "pause-snapshot", ""));
        assertThat(SignalEnvelope.read("{\"id\":5,\"type\":\"log\",\"data\":\"{\\\"message\\\":\\\"x\\\"}\"}", "other"))
                .isEqualTo(new Signal("5", "log", "{\"message\":\"x\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "[]", "{\"id\":\"1\"}", "{\"type\":3}"})
    void what_is_no_envelope_is_reported_by_the_parser(String text) {
        Signal signal = SignalEnvelope.read(text, "0/12");
        assertThat(signal).isEqualTo(new Signal("0/12", "", text));
        assertThatThrownBy(() -> SignalParser.parse(signal))
                .isInstanceOf(SignalException.class)
                .hasMessageContaining("it has no type")
                .hasMessageContaining(text);
    }
}
