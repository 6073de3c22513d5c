package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.source.postgres.catalog.KeyColumns;
import io.cdcsystem.source.split.ChunkRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyOrderTest {
    private static final KeyOrder KEY = new KeyOrder(
            new Cut.ByKey(),
            List.of("B\"", "a"),
            new KeyColumns(List.of("ext.citext", "pg_catalog.int4"), List.of(), false));
    private static final KeyOrder COLUMN = new KeyOrder(
            new Cut.ByColumn("c"), List.of("c"), new KeyColumns(List.of("pg_catalog.date"), List.of(), true));

    @Test
    void composite_keys_compare_as_rows_in_key_order() {
        assertThat(KEY.condition(new ChunkRange(List.of("key", "it's", "1"), List.of("key", "z\\", "2"))))
                .isEqualTo("(\"B\"\"\", \"a\") > (CAST('it''s' AS ext.citext), CAST('1' AS pg_catalog.int4))"
                        + " AND (\"B\"\"\", \"a\") <= (CAST(E'z\\\\' AS ext.citext), CAST('2' AS pg_catalog.int4))");
    }

    @Test
    void whole_table_has_no_condition() {
        assertThat(KEY.condition(ChunkRange.ALL)).isEmpty();
    }

    @Test
    void rows_without_a_value_lie_behind_all_others() {
        List<String> end = COLUMN.endOfValues();
        List<String> value = COLUMN.bound(List.of("2024-01-01"));
        String date = "CAST('2024-01-01' AS pg_catalog.date)";
        assertThat(COLUMN.condition(new ChunkRange(null, value))).isEqualTo("\"c\" <= " + date);
        assertThat(COLUMN.condition(new ChunkRange(null, end))).isEqualTo("\"c\" IS NOT NULL");
        assertThat(COLUMN.condition(new ChunkRange(value, end)))
                .isEqualTo("\"c\" > " + date + " AND \"c\" IS NOT NULL");
        assertThat(COLUMN.condition(new ChunkRange(end, null))).isEqualTo("\"c\" IS NULL");
        assertThat(COLUMN.condition(new ChunkRange(value, null))).isEqualTo("(\"c\" > " + date + " OR \"c\" IS NULL)");
    }

    @Test
    void bound_of_another_cut_is_refused() {
        assertThatThrownBy(() -> KEY.condition(new ChunkRange(List.of("column", "c", "1"), null)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
