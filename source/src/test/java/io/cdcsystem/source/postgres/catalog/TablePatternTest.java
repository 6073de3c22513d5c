package io.cdcsystem.source.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablePatternTest {
    private static final TableId ORDERS = new TableId("db", "public", "orders");

    @Test
    void parts_match_in_full() {
        assertThat(TablePattern.parse("public.orders").matches(ORDERS)).isTrue();
        assertThat(TablePattern.parse("public.order").matches(ORDERS)).isFalse();
        assertThat(TablePattern.parse("public.ord.*").matches(ORDERS)).isTrue();
        assertThat(TablePattern.parse("pub.*.orders").matches(ORDERS)).isTrue();
        assertThat(TablePattern.parse("publi[c.].orders").matches(ORDERS)).isTrue();
    }

    @Test
    void escaped_dot_separates_where_no_plain_one_does() {
        assertThat(TablePattern.parse("public\\.orders").matches(ORDERS)).isTrue();
        assertThat(TablePattern.parse("public\\.(orders|items)").matches(ORDERS))
                .isTrue();
    }

    @Test
    void star_alone_means_every_table_of_the_schema() {
        assertThat(TablePattern.parse("public.*").matches(ORDERS)).isTrue();
        assertThat(TablePattern.parse("public.*").matches(new TableId("db", "other", "orders")))
                .isFalse();
    }

    @Test
    void pattern_without_schema_is_refused_with_an_example() {
        assertThatThrownBy(() -> TablePattern.parse("orders"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("public.orders");
        assertThatThrownBy(() -> TablePattern.parse("public.or(ders"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("regular expression");
    }

    @Test
    void nearest_names_come_first() {
        List<TableId> near = TablePattern.parse("public.ordres")
                .nearest(List.of(new TableId("db", "public", "zebra_crossings_of_town"), ORDERS), 3);
        assertThat(near).containsExactly(ORDERS);
    }
}
