package io.cdcsystem.schema.compatibility;

import static io.cdcsystem.schema.compatibility.VersionCatalogue.ID;
import static io.cdcsystem.schema.compatibility.VersionCatalogue.column;
import static io.cdcsystem.schema.compatibility.VersionCatalogue.int32;
import static io.cdcsystem.schema.compatibility.VersionCatalogue.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E4")
class SchemaDifferenceTest {
    private static final ColumnType INT = ColumnType.of(Kind.INT32);
    private static final ColumnType TEXT = ColumnType.of(Kind.STRING);

    @Test
    void every_kind_of_change_is_told_in_order() {
        TableSchema before = table(
                List.of("id"),
                ID,
                column("gone", INT, true, null),
                column("a", INT, true, null),
                column("b", INT, false, int32(1)),
                column("c", ColumnType.decimal(10, 2), false, null));
        TableSchema after = table(
                List.of("id", "bb"),
                ID,
                column("bb", TEXT, false, null),
                column("a", INT, false, int32(1)),
                column("c", ColumnType.decimal(10, 4), false, null),
                column("come", INT, true, null));

        assertThat(describe(before, after, Map.of("b", "bb", "no", "one")))
                .containsExactly(
                        "column gone (int32) is dropped",
                        "column a (int32) becomes NOT NULL",
                        "column a (int32) gets a default",
                        "column b (int32) is renamed to bb",
                        "column bb changes from int32 to string",
                        "column bb (string) loses its default",
                        "column c changes from decimal of precision 10 and scale 2 to decimal of precision 10 and"
                                + " scale 4",
                        "column come is added as int32 without a default",
                        "the primary key changes from (id) to (id, bb)",
                        "the columns change their order from id, a, bb, c to id, bb, a, c");
    }

    @Test
    void a_rename_not_told_of_is_a_drop_and_an_addition() {
        TableSchema before = table(List.of("id"), ID, column("v", INT, true, null));
        TableSchema after = table(List.of("id"), ID, column("w", INT, true, null));

        assertThat(describe(before, after, Map.of()))
                .containsExactly("column v (int32) is dropped", "column w is added as int32 without a default");
    }

    @Test
    void a_renamed_key_column_is_the_same_key() {
        TableSchema before = table(List.of("id"), ID);
        TableSchema after = table(List.of("order_id"), column("order_id", INT, false, null));

        assertThat(describe(before, after, Map.of("id", "order_id")))
                .containsExactly("column id (int32) is renamed to order_id");
    }

    @Test
    void two_columns_that_swap_their_names_are_two_renames() {
        Column a = column("a", INT, true, null);
        Column b = column("b", INT, true, null);

        assertThat(describe(table(List.of(), a, b), table(List.of(), b, a), Map.of("a", "b", "b", "a")))
                .containsExactly("column a (int32) is renamed to b", "column b (int32) is renamed to a");
    }

    @Test
    void a_column_added_under_a_name_that_a_rename_freed_is_an_addition() {
        Column a = column("a", INT, true, null);
        Column b = column("b", INT, true, null);

        assertThat(describe(table(List.of(), a), table(List.of(), b, a), Map.of("a", "b")))
                .containsExactly("column a (int32) is renamed to b", "column a is added as int32 without a default");
    }

    @Test
    void labels_are_told_apart_from_types() {
        TableSchema before =
                table(List.of("id"), ID, column("v", ColumnType.enumeration(List.of("x", "y")), true, null));
        TableSchema after =
                table(List.of("id"), ID, column("v", ColumnType.enumeration(List.of("z", "y")), true, null));
        TableSchema turned =
                table(List.of("id"), ID, column("v", ColumnType.enumeration(List.of("y", "x")), true, null));

        assertThat(describe(before, after, Map.of()))
                .containsExactly("enumeration column v (enum) gains the labels z and loses the labels x");
        assertThat(describe(before, turned, Map.of()))
                .containsExactly("enumeration column v (enum) orders its labels anew");
    }

    @Test
    void exactly_equal_versions_have_no_difference() {
        List<TableSchema> versions = List.copyOf(VersionCatalogue.versions().values());
        for (TableSchema before : versions) {
            for (TableSchema after : versions) {
                assertThat(SchemaDifference.between(before, after, Map.of()).isEmpty())
                        .isEqualTo(before.equals(after));
            }
        }
    }

    @Test
    void two_tables_have_no_difference_to_speak_of() {
        TableSchema other = new TableSchema(new TableId("shop", "public", "items"), List.of(ID), List.of());

        assertThatThrownBy(() -> SchemaDifference.between(table(List.of(), ID), other, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("public.items");
    }

    private static List<String> describe(TableSchema before, TableSchema after, Map<String, String> renames) {
        return SchemaDifference.between(before, after, renames).stream()
                .map(ColumnChange::describe)
                .toList();
    }
}
