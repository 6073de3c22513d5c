package io.cdcsystem.source.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnDefaultsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1.5",
                "'-1'::integer",
                "(-1)",
                "true",
                "'abc'::text",
                "'it''s'::character varying",
                "E'a\\\\b'::text",
                "'x'::public.\"Mood\"",
                "1.50::numeric(10,2)",
                "NULL::character varying",
                "'2020-01-01 00:00:00'::timestamp without time zone",
                "'{}'::jsonb",
                "B'101'::\"bit\"",
                "'{}'::text[]"
            })
    void literals_are_constant(String expression) {
        assertThat(ColumnDefaults.isConstant(expression)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "now()",
                "nextval('t_id_seq'::regclass)",
                "CURRENT_DATE",
                "('now'::text)::date",
                "(1 + 2)",
                "gen_random_uuid()",
                "'a'::text || 'b'::text",
                "'a'::text; DROP TABLE t",
                "lower('A'::text)"
            })
    void everything_else_is_computed(String expression) {
        assertThat(ColumnDefaults.isConstant(expression)).isFalse();
    }

    @Test
    void zero_of_a_kind_has_the_layout_of_the_kind() {
        assertThat(ColumnDefaults.zero(ColumnType.of(Kind.INT64)).toByteArray()).isEqualTo(new byte[8]);
        assertThat(ColumnDefaults.zero(ColumnType.decimal(10, 2)).toByteArray()).containsExactly(0, 0, 0, 2, 0);
        assertThat(ColumnDefaults.zero(ColumnType.enumeration(List.of("a", "b")))
                        .toByteArray())
                .containsExactly('a');
        assertThat(ColumnDefaults.zero(ColumnType.of(Kind.UUID)).toByteArray()).hasSize(16);
    }
}
