package io.cdcsystem.source.postgres.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.ddl.DdlMessages;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.split.CapturedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which table a description means after the log, or a look at the catalog, told what became of it. */
@Tag("E10")
class CapturedDefinitionsTest {
    private static final int OID = 77;
    private static final int TEXT_OID = 25;
    private static final TableSchema TABLE = table("t");

    private final List<TableChange> changes = new ArrayList<>();
    private final CapturedDefinitions definitions = new CapturedDefinitions(
            BatchAssemblerTest.CONFIG, List.of(new CapturedTable(TABLE, null)), BatchAssemblerTest.TYPES, null);

    private static TableSchema table(String name) {
        Column column = new Column("a", ColumnType.of(Kind.STRING), true, null, "text");
        return new TableSchema(new TableId("db", "public", name), List.of(column), List.of());
    }

    private void describe(int oid, String name) {
        RelationMessage.Column column = new RelationMessage.Column(false, "a", TEXT_OID, -1);
        RelationMessage relation = new RelationMessage(oid, "public", name, 'd', List.of(column));
        assertThat(definitions.relations().accept(relation, true, false, changes::add))
                .isTrue();
    }

    private void tell(int oid, String name, String rest) {
        String text = "{\"v\":1,\"tag\":\"ALTER TABLE\",\"object_type\":\"table\",\"statement\":\"ALTER TABLE RENAME\","
                + "\"oid\":" + oid + ",\"schema\":\"public\",\"name\":\"" + name + "\"," + rest + "}";
        assertThat(definitions.accept(DdlMessages.read(text).orElseThrow(), true, changes::add))
                .isTrue();
    }

    private void tellColumns(int oid, String name) {
        tell(oid, name, "\"columns\":[{\"attnum\":1,\"name\":\"a\",\"type\":25,\"typmod\":-1}]");
    }

    private void capture(TableSchema... tables) {
        List<CapturedTable> captured = new ArrayList<>();
        for (TableSchema table : tables) {
            captured.add(new CapturedTable(table, null));
        }
        assertThat(definitions.relations().capture(captured, true, changes::add))
                .isTrue();
    }

    @Test
    void a_request_for_another_table_takes_no_told_rename_back() {
        describe(OID, "t");
        tellColumns(OID, "u");
        assertThat(changes).hasSize(1);
        capture(TABLE, table("other"));
        assertThat(changes).hasSize(1);
        assertThat(definitions.version(TABLE.id())).isNull();
        assertThat(definitions.version(table("u").id())).isEqualTo(table("u"));
    }

    @Test
    void a_request_for_another_table_brings_no_told_drop_back() {
        describe(OID, "t");
        tell(OID, "t", "\"dropped\":true");
        assertThat(changes).hasSize(1);
        capture(TABLE, table("other"));
        assertThat(changes).hasSize(1);
        assertThat(definitions.version(TABLE.id())).isNull();
    }

    @Test
    void a_request_finds_a_table_under_the_name_that_it_took_before_it_was_captured() {
        describe(OID + 1, "z");
        tellColumns(OID + 1, "other");
        capture(TABLE, table("other"));
        assertThat(changes).isEmpty();
        assertThat(definitions.relations().layout(OID + 1)).isNotNull();
    }

    @Test
    void a_table_made_anew_behind_a_look_is_not_taken_for_the_one_that_the_look_missed() {
        describe(OID, "t");
        Map<TableId, StandingTable> seen = definitions.standing();
        assertThat(seen).containsKey(TABLE.id());
        tell(OID, "t", "\"dropped\":true");
        tellColumns(OID + 1, "t");
        assertThat(changes).hasSize(2);
        definitions.gone(seen, changes::add);
        assertThat(changes).hasSize(2);
        assertThat(definitions.version(TABLE.id())).isEqualTo(TABLE);
        definitions.gone(definitions.standing(), changes::add);
        assertThat(changes).hasSize(3);
        capture(TABLE, table("other"));
        assertThat(changes).hasSize(3);
        assertThat(definitions.version(TABLE.id())).isNull();
    }
}
