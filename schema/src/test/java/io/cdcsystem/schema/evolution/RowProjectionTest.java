package io.cdcsystem.schema.evolution;

import static io.cdcsystem.schema.evolution.Tables.ABSENT;
import static io.cdcsystem.schema.evolution.Tables.UNCHANGED;
import static io.cdcsystem.schema.evolution.Tables.change;
import static io.cdcsystem.schema.evolution.Tables.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E9")
class RowProjectionTest {
    private static final Column ID = new Column("id", ColumnType.of(Kind.INT32), false, null, "int4");
    private static final FieldValue SEVEN = new FieldValue(new byte[] {0, 0, 0, 7});

    @Test
    void columns_are_taken_by_name_and_missing_ones_filled() {
        TableSchema from = table(text("b", true), ID, text("a", true));
        TableSchema as = table(ID, text("a", true), text("gone", true), defaulted("number"));
        RowChange change = change(from, Op.UPDATE, row(ABSENT, 1, ABSENT), row("b", 1, UNCHANGED));

        RowChange said = (RowChange) new RowProjection(from, as).project(change);

        assertThat(said.table()).isEqualTo(as);
        assertThat(said.after()).isEqualTo(row(1, UNCHANGED, null, 7));
        assertThat(said.before()).isEqualTo(row(1, ABSENT, ABSENT, ABSENT));
        assertThat(said.position()).isEqualTo(change.position());
    }

    @Test
    void a_narrowed_integer_is_widened_back() {
        TableSchema from = table(ID, integer("n", Kind.INT32), integer("m", Kind.INT32));
        TableSchema as = table(ID, integer("n", Kind.INT64), integer("m", Kind.INT32));
        RowChange change = change(from, Op.CREATE, null, row(1, -5, null));

        RowChange said = (RowChange) new RowProjection(from, as).project(change);

        RowCursor cursor = new RowCursor().wrap(Objects.requireNonNull(said.after()));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.length()).isEqualTo(Long.BYTES);
        assertThat(BigEndian.getLong(cursor.array(), cursor.offset())).isEqualTo(-5);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.length()).isEqualTo(-1);
    }

    @Test
    void what_cannot_be_said_is_refused_with_its_column() {
        TableSchema plain = table(ID);
        assertThat(RowProjection.obstacle(plain, table(ID, text("a", false))))
                .hasValueSatisfying(text -> assertThat(text).contains("column a", "gone"));
        assertThat(RowProjection.obstacle(table(ID, text("a", true)), table(ID, text("a", false))))
                .hasValueSatisfying(text -> assertThat(text).contains("column a", "null"));
        assertThat(RowProjection.obstacle(table(ID, integer("n", Kind.INT64)), table(ID, integer("n", Kind.INT32))))
                .hasValueSatisfying(text -> assertThat(text).contains("column n", "INT64", "INT32"));
        assertThat(RowProjection.obstacle(table(ID, text("n", true)), table(ID, integer("n", Kind.INT32))))
                .isPresent();
        assertThat(RowProjection.obstacle(plain, new TableSchema(plain.id(), plain.columns(), List.of())))
                .hasValueSatisfying(text -> assertThat(text).contains("primary key"));
        assertThat(RowProjection.obstacle(
                        plain, new TableSchema(new TableId("shop", "public", "other"), plain.columns(), List.of("id"))))
                .isPresent();
        assertThatThrownBy(() -> new RowProjection(plain, table(ID, text("a", false))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column a");
    }

    private static TableSchema table(Column... columns) {
        return new TableSchema(new TableId("shop", "public", "orders"), List.of(columns), List.of("id"));
    }

    private static Column text(String name, boolean nullable) {
        return new Column(name, ColumnType.of(Kind.STRING), nullable, null, "text");
    }

    private static Column integer(String name, Kind kind) {
        return new Column(name, ColumnType.of(kind), true, null, kind.name());
    }

    private static Column defaulted(String name) {
        return new Column(name, ColumnType.of(Kind.INT32), false, SEVEN, "int4");
    }
}
