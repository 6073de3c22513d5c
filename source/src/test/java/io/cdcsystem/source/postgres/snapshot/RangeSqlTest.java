package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangeSqlTest {
    private static final TableId ID = new TableId("db", "public", "t");
    private static final List<Column> COLUMNS = List.of(
            new Column("a", ColumnType.of(Kind.INT32), false, null, "integer"),
            new Column("B\"", ColumnType.of(Kind.STRING), false, null, "text"));

    @Test
    void composite_keys_compare_as_rows_in_key_order() {
        RangeSql sql = RangeSql.of(new TableSchema(ID, COLUMNS, List.of("B\"", "a")));
        assertThat(sql.where(new ChunkRange(List.of("it's", "1"), List.of("z\\", "2"))))
                .isEqualTo(" WHERE (\"B\"\"\", \"a\") > (CAST('it''s' AS text), CAST('1' AS integer))"
                        + " AND (\"B\"\"\", \"a\") <= (CAST(E'z\\\\' AS text), CAST('2' AS integer))");
    }

    @Test
    void whole_table_has_no_condition() {
        assertThat(RangeSql.of(new TableSchema(ID, COLUMNS, List.of("a"))).where(ChunkRange.ALL))
                .isEmpty();
    }

    @Test
    void table_without_key_is_cut_by_place() {
        RangeSql sql = RangeSql.of(new TableSchema(ID, COLUMNS, List.of()));
        assertThat(sql.where(new ChunkRange(null, List.of("(9,65535)"))))
                .isEqualTo(" WHERE ctid <= CAST('(9,65535)' AS tid)");
    }
}
