package io.cdcsystem.schema.compatibility;

import static io.cdcsystem.schema.compatibility.VersionCatalogue.ID;
import static io.cdcsystem.schema.compatibility.VersionCatalogue.int32;
import static io.cdcsystem.schema.compatibility.VersionCatalogue.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The verdicts a person reads. */
@Tag("E4")
@Tag("E11")
class CompatibilityRuleTest {
    private static final ColumnType INT = ColumnType.of(Kind.INT32);
    private static final ColumnType BIGINT = ColumnType.of(Kind.INT64);
    private static final Column TOTAL = column("total", BIGINT, false, null, "int8");
    private static final TableSchema ORDERS = table(List.of("id"), ID, TOTAL);

    @Test
    @Tag("E3")
    void a_nullable_or_defaulted_column_passes_backward() {
        assertThat(after(CompatibilityMode.BACKWARD, column("note", INT, true, null, "int4"))
                        .passes())
                .isTrue();
        assertThat(after(CompatibilityMode.BACKWARD, column("note", INT, false, int32(7), "int4"))
                        .passes())
                .isTrue();
        assertThat(after(CompatibilityMode.BACKWARD, column("note", INT, false, null, "int4"))
                        .text())
                .isEqualTo("public.orders fails compatibility backward: column note is added as int4 NOT NULL without a"
                        + " default: readers of the new schema cannot read old records");
        assertThat(after(CompatibilityMode.FORWARD, column("note", INT, false, null, "int4"))
                        .passes())
                .isTrue();
    }

    @Test
    void a_narrowed_type_breaks_backward_and_a_widened_one_forward() {
        TableSchema narrowed = table(List.of("id"), ID, column("total", INT, false, null, "int4"));
        Verdict backward = verdict(CompatibilityMode.BACKWARD, ORDERS, narrowed);

        assertThat(backward.compatible()).isFalse();
        assertThat(backward.text())
                .isEqualTo("public.orders fails compatibility backward: column total changes from int8 to int4: "
                        + "readers of the new schema cannot read old records");
        assertThat(verdict(CompatibilityMode.FORWARD, ORDERS, narrowed).passes())
                .isTrue();
        assertThat(verdict(CompatibilityMode.BACKWARD, narrowed, ORDERS).passes())
                .isTrue();
        assertThat(verdict(CompatibilityMode.FORWARD, narrowed, ORDERS).text())
                .endsWith("column total changes from int4 to int8: readers of the old schema cannot read new records");
        assertThat(verdict(CompatibilityMode.FULL, narrowed, ORDERS).breaks()).hasSize(1);
    }

    @Test
    void a_narrower_kind_under_the_same_avro_type_asks_a_person() {
        Column small = column("total", ColumnType.of(Kind.INT16), false, null, "int2");
        Column wide = column("total", INT, false, null, "int4");
        TableSchema before = table(List.of("id"), ID, wide);
        TableSchema next = table(List.of("id"), ID, small);

        assertLoss(verdict(CompatibilityMode.BACKWARD, before, next), "column total changes from int4 to int2");
        assertThat(verdict(CompatibilityMode.BACKWARD, next, before).passes()).isTrue();
    }

    @Test
    void a_dropped_column_always_asks_a_person() {
        TableSchema dropped = table(List.of("id"), ID);

        assertLoss(verdict(CompatibilityMode.BACKWARD, ORDERS, dropped), "column total (int8) is dropped");
        Verdict forward = verdict(CompatibilityMode.FORWARD, ORDERS, dropped);
        assertThat(forward.breaks()).singleElement().isInstanceOf(Break.Incompatible.class);
        assertThat(forward.text()).endsWith("readers of the old schema cannot read new records");
    }

    @Test
    void a_rename_is_told_as_one_whether_avro_minds_or_not() {
        TableSchema renamed = table(List.of("id"), ID, column("amount", BIGINT, false, null, "int8"));
        TableSchema optional = table(List.of("id"), ID, column("amount", BIGINT, true, null, "int8"));
        TableSchema optionalBefore = table(List.of("id"), ID, column("total", BIGINT, true, null, "int8"));
        Map<String, String> rename = Map.of("total", "amount");

        Verdict refused = CompatibilityRule.verdict(CompatibilityMode.FULL, List.of(ORDERS), renamed, rename);
        assertThat(refused.compatible()).isFalse();
        assertThat(refused.breaks())
                .extracting(Break::change)
                .containsOnly(new ColumnChange.Renamed(TOTAL, renamed.columns().get(1)));
        assertLoss(
                CompatibilityRule.verdict(CompatibilityMode.FULL, List.of(optionalBefore), optional, rename),
                "column total (int8) is renamed to amount");
    }

    @Test
    void another_meaning_under_the_same_avro_type_asks_a_person() {
        assertRetypeAsks(ColumnType.of(Kind.DATE), INT);
        assertRetypeAsks(ColumnType.of(Kind.TIMESTAMP, 6), BIGINT);
        assertRetypeAsks(ColumnType.of(Kind.TIMESTAMP, 3), ColumnType.of(Kind.TIMESTAMP, 6));
        assertRetypeAsks(ColumnType.decimal(10, 2), ColumnType.decimal(10, 4));
        assertRetypeAsks(ColumnType.decimal(12, 2), ColumnType.decimal(10, 2));
        assertRetypeAsks(ColumnType.of(Kind.STRING), ColumnType.of(Kind.BYTES));
        assertRetypeAsks(ColumnType.of(Kind.STRING), ColumnType.of(Kind.UUID));
        assertRetypeAsks(BIGINT, ColumnType.of(Kind.FLOAT64));
        assertRetypeAsks(ColumnType.array(INT), ColumnType.array(ColumnType.of(Kind.INT16)));
        assertRetypePasses(ColumnType.decimal(10, 2), ColumnType.decimal(12, 2));
        assertRetypePasses(ColumnType.of(Kind.TIMESTAMP, 4), ColumnType.of(Kind.TIMESTAMP, 6));
        assertRetypePasses(INT, ColumnType.of(Kind.FLOAT64));
        assertRetypePasses(ColumnType.of(Kind.BITS, 8), ColumnType.of(Kind.BITS, 9));
        assertRetypePasses(ColumnType.of(Kind.OPAQUE), ColumnType.of(Kind.STRING));
    }

    @Test
    void a_new_label_passes_and_a_lost_one_asks_a_person() {
        ColumnType two = ColumnType.enumeration(List.of("new", "paid"));
        ColumnType three = ColumnType.enumeration(List.of("new", "held", "paid"));
        TableSchema before = table(List.of("id"), ID, column("state", two, false, null, "order_state"));
        TableSchema next = table(List.of("id"), ID, column("state", three, false, null, "order_state"));

        assertThat(verdict(CompatibilityMode.FULL_TRANSITIVE, before, next).passes())
                .isTrue();
        assertLoss(
                verdict(CompatibilityMode.FULL_TRANSITIVE, next, before),
                "enumeration column state (order_state) loses the labels held");
    }

    @Test
    void a_break_in_key_and_value_is_told_once() {
        TableSchema before = table(List.of("id"), column("id", BIGINT, false, null, "int8"));
        TableSchema next = table(List.of("id"), column("id", INT, false, null, "int4"));

        assertThat(verdict(CompatibilityMode.BACKWARD, before, next).text())
                .endsWith("column id changes from int8 to int4: readers of the new schema cannot read old records"
                        + " (key and value)");
    }

    @Test
    void a_key_of_other_columns_is_told_as_such() {
        TableSchema both = table(List.of("id", "total"), ID, TOTAL);
        TableSchema none = table(List.of(), ID, TOTAL);

        assertThat(verdict(CompatibilityMode.BACKWARD, ORDERS, both).text())
                .endsWith("the primary key changes from (id) to (id, total): readers of the new schema cannot read old"
                        + " records (key)");
        assertLoss(verdict(CompatibilityMode.BACKWARD, ORDERS, none), "the primary key (id) is dropped");
        assertLoss(
                verdict(CompatibilityMode.FULL, both, table(List.of("total", "id"), ID, TOTAL)),
                "the primary key changes from (id, total) to (total, id)");
        assertThat(verdict(CompatibilityMode.FULL, none, ORDERS).passes()).isTrue();
    }

    @Test
    void a_key_that_comes_back_is_held_against_the_last_one_there_was() {
        TableSchema wide = table(List.of("id"), column("id", BIGINT, false, null, "int8"));
        TableSchema none = table(List.of(), ID);
        TableSchema narrow = table(List.of("id"), ID);

        Verdict verdict = CompatibilityRule.verdict(CompatibilityMode.BACKWARD, List.of(wide, none), narrow, Map.of());
        assertThat(verdict.breaks()).singleElement().isInstanceOfSatisfying(Break.Incompatible.class, broken -> {
            assertThat(broken.parts()).containsExactly(Break.Part.KEY);
            assertThat(broken.versionsBack()).isEqualTo(2);
        });
    }

    @Test
    void only_transitive_modes_look_further_back_than_the_last_version() {
        TableSchema text = table(List.of("id"), ID, column("v", ColumnType.of(Kind.STRING), false, null, "text"));
        TableSchema without = table(List.of("id"), ID);
        TableSchema number = table(List.of("id"), ID, column("v", INT, true, null, "int4"));
        List<TableSchema> earlier = List.of(text, without);

        assertThat(CompatibilityRule.verdict(CompatibilityMode.BACKWARD, earlier, number, Map.of())
                        .passes())
                .isTrue();
        assertThat(CompatibilityRule.verdict(CompatibilityMode.BACKWARD_TRANSITIVE, earlier, number, Map.of())
                        .text())
                .endsWith("column v changes from text to int4: readers of the new schema cannot read old records of 2"
                        + " versions ago");
    }

    @ParameterizedTest
    @EnumSource(CompatibilityMode.class)
    void a_new_table_and_an_equal_version_pass_every_mode(CompatibilityMode mode) {
        assertThat(CompatibilityRule.verdict(mode, List.of(), ORDERS, Map.of()).passes())
                .isTrue();
        assertThat(verdict(mode, ORDERS, ORDERS).text())
                .isEqualTo("public.orders passes compatibility " + mode.configName());
    }

    @Test
    void nothing_breaks_under_none() {
        for (TableSchema before : VersionCatalogue.versions().values()) {
            for (TableSchema next : VersionCatalogue.versions().values()) {
                assertThat(verdict(CompatibilityMode.NONE, before, next).passes())
                        .isTrue();
            }
        }
    }

    @Test
    void modes_have_the_registrys_names_and_those_of_pipeline_files() {
        assertThat(CompatibilityMode.parse("backward-transitive")).isEqualTo(CompatibilityMode.BACKWARD_TRANSITIVE);
        assertThat(CompatibilityMode.parse("FULL_TRANSITIVE")).isEqualTo(CompatibilityMode.FULL_TRANSITIVE);
        for (CompatibilityMode mode : CompatibilityMode.values()) {
            assertThat(CompatibilityMode.parse(mode.configName())).isEqualTo(mode);
        }
        assertThatThrownBy(() -> CompatibilityMode.parse("backwards"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no compatibility mode backwards; one of backward, backward-transitive, forward,"
                        + " forward-transitive, full, full-transitive, none");
    }

    private static void assertRetypeAsks(ColumnType from, ColumnType to) {
        Verdict verdict = retype(from, to);
        assertThat(verdict.breaks()).as(verdict.text()).singleElement().isInstanceOf(Break.DataLoss.class);
    }

    private static void assertRetypePasses(ColumnType from, ColumnType to) {
        assertThat(retype(from, to).text()).contains("passes");
    }

    private static Verdict retype(ColumnType from, ColumnType to) {
        return verdict(
                CompatibilityMode.BACKWARD,
                table(List.of("id"), ID, column("v", from, false, null, "one")),
                table(List.of("id"), ID, column("v", to, false, null, "other")));
    }

    private static void assertLoss(Verdict verdict, String change) {
        assertThat(verdict.compatible()).as(verdict.text()).isTrue();
        assertThat(verdict.breaks()).singleElement().isInstanceOfSatisfying(Break.DataLoss.class, loss -> assertThat(
                        loss.text())
                .startsWith(change + ": "));
    }

    private static Verdict after(CompatibilityMode mode, Column added) {
        return verdict(mode, ORDERS, table(List.of("id"), ID, TOTAL, added));
    }

    private static Verdict verdict(CompatibilityMode mode, TableSchema before, TableSchema next) {
        return CompatibilityRule.verdict(mode, List.of(before), next, Map.of());
    }

    private static Column column(
            String name, ColumnType type, boolean nullable, byte @Nullable [] defaultValue, String sourceType) {
        return new Column(name, type, nullable, defaultValue == null ? null : new FieldValue(defaultValue), sourceType);
    }
}
