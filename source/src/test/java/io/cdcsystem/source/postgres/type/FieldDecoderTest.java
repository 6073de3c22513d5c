package io.cdcsystem.source.postgres.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldDecoderTest {
    private static final int NUMERIC = 1700;

    private static PgType type(int oid, int typmod) {
        return Objects.requireNonNull(BuiltInTypes.resolve(oid, typmod, "type " + oid));
    }

    private static int numericTypmod(int precision, int scale) {
        return (precision << 16 | (scale & 0x7FF)) + 4;
    }

    private static String field(RowWriter writer) {
        Row row = writer.finish();
        RowCursor cursor = new RowCursor().wrap(row);
        assertThat(cursor.next()).isTrue();
        String payload = HexFormat.of().formatHex(cursor.array(), cursor.offset(), cursor.offset() + cursor.length());
        assertThat(cursor.next()).isFalse();
        return payload;
    }

    private static String text(FieldDecoder decoder, String value) {
        byte[] bytes = ("??" + value + "??").getBytes(StandardCharsets.UTF_8);
        RowWriter writer = new RowWriter();
        decoder.text(bytes, 2, bytes.length - 4, writer);
        return field(writer);
    }

    private static String binary(FieldDecoder decoder, String hex) {
        byte[] bytes = HexFormat.of().parseHex("ffff" + hex.replace(" ", "") + "ffff");
        RowWriter writer = new RowWriter();
        decoder.binary(bytes, 2, bytes.length - 4, writer);
        return field(writer);
    }

    @ParameterizedTest
    @CsvSource({
        // oid, text, binary as PostgreSQL sends it, row field
        "16, t, 01, 01",
        "21, -2, fffe, fffe",
        "26, 4000000000, ee6b2800, 00000000ee6b2800",
        "700, NaN, 7fc00000, 7fc00000",
        "790, '-$1,234.11', fffffffffffe1ded, 00000002fe1ded",
        "3802, '{}', 017b7d, 7b7d",
        "17, '\\x00ff', 00ff, 00ff",
        "2950, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, a0eebc999c0b4ef8bb6d6bb9bd380a11,"
                + " a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "1082, 2000-01-01, 00000000, 00002acd",
        "1082, 1969-12-31, ffffd532, ffffffff",
        "1082, infinity, 7fffffff, 7fffffff",
        "1082, -infinity, 80000000, 80000000",
        "1083, 24:00:00, 000000141dd76000, 000000141dd76000",
        "1266, 00:00:01+02, 00000000000f4240ffffe3e0, 00000000000f424000001c20",
        "1114, 2000-01-01 00:00:00.000001, 0000000000000001, 00035d013b37e001",
        "1184, 2000-01-01 02:00:00+02, 0000000000000000, 00035d013b37e000",
        "1184, infinity, 7fffffffffffffff, 7fffffffffffffff",
        "1186, 1 year 2 mons -3 days +04:05:06, 000000036c8bc080fffffffd0000000e, 0000000efffffffd000000036c8bc080",
        "1560, 000000110000001000000001, 00000018030201, 010203",
        "1560, 00, 0000000200, ''",
        "869, 192.168.2.0/12, 020c0004c0a80200, 3139322e3136382e322e302f3132",
        "869, 192.168.1.1, 02200004c0a80101, 3139322e3136382e312e31",
        "650, 10.0.0.1/32, 022001040a000001, 31302e302e302e312f3332",
        "869, ::1, 0380001000000000000000000000000000000001, 3a3a31",
        "829, 08:00:2b:01:02:03, 08002b010203, 30383a30303a32623a30313a30323a3033",
    })
    void binary_and_text_become_the_documented_layout(int oid, String text, String binary, String expected) {
        FieldDecoder decoder = type(oid, -1).decoder();
        assertThat(text(decoder, text)).isEqualTo(expected);
        assertThat(binary(decoder, binary)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        // scale (-1: variable), text, binary, scale and unscaled value
        "2, 1.10, 0002 0000 0000 0002 0001 03e8, 00000002 6e",
        "2, 0.00, 0000 0000 0000 0002, 00000002 00",
        "0, 10000, 0001 0001 0000 0000 0001, 00000000 2710",
        "2, -1.28, 0002 0000 4000 0002 0001 0af0, 00000002 80",
        "2, 1.28, 0002 0000 0000 0002 0001 0af0, 00000002 0080",
        "-1, 10.1111, 0002 0000 0000 0004 000a 0457, 00000004 018af7",
        "-1, 10, 0001 0000 0000 0000 000a, 00000000 0a",
        "-1, 1.50, 0002 0000 0000 0002 0001 1388, 00000001 0f",
        "-1, 0.0, 0000 0000 0000 0001, 00000000 00",
        "2, NaN, 0000 0000 c000 0000, 80000000",
        "-1, Infinity, 0000 0000 d000 0020, 80000001",
        "-1, -Infinity, 0000 0000 f000 0020, 80000002",
        "2, 1234567890123456.78, 0005 0003 0000 0002 04d2 162e 2334 0d80 1e78, 00000002 01b69b4ba630f34e",
        "0, 100000000000000000000, 0001 0005 0000 0000 0001, 00000000 056bc75e2d63100000",
        "-1, -0.00000000000000000001, 0001 fffb 4000 0014 0001, 00000014 ff",
    })
    void a_numeric_keeps_its_value_and_takes_its_types_scale(int scale, String text, String binary, String expected) {
        FieldDecoder decoder = scale < 0 ? NumericDecoder.VARIABLE : new NumericDecoder(scale);
        assertThat(text(decoder, text)).isEqualTo(expected.replace(" ", ""));
        assertThat(binary(decoder, binary)).isEqualTo(expected.replace(" ", ""));
    }

    @Test
    void the_modifier_gives_precision_and_scale() {
        assertThat(type(NUMERIC, numericTypmod(10, 2)).columnType()).isEqualTo(ColumnType.decimal(10, 2));
        assertThat(type(NUMERIC, -1).columnType()).isEqualTo(ColumnType.of(Kind.VARIABLE_DECIMAL));
        assertThat(type(NUMERIC, numericTypmod(3, -2)).columnType()).isEqualTo(ColumnType.decimal(5, 0));
        assertThat(type(NUMERIC, numericTypmod(2, 5)).columnType()).isEqualTo(ColumnType.decimal(5, 5));
        assertThat(type(1114, 3).columnType()).isEqualTo(ColumnType.of(Kind.TIMESTAMP, 3));
        assertThat(type(1184, -1).columnType()).isEqualTo(ColumnType.of(Kind.TIMESTAMP_TZ, 6));
        assertThat(type(1562, -1).columnType()).isEqualTo(ColumnType.of(Kind.BITS, Integer.MAX_VALUE));
        assertThat(type(790, -1).columnType()).isEqualTo(ColumnType.decimal(0, 2));
    }

    @Test
    void an_array_has_its_elements_in_both_forms() {
        FieldDecoder decoder = new ArrayDecoder("int4[]", ScalarDecoder.INT4);
        String expected = "00000002" + "00000004" + "00000007" + "ffffffff";
        assertThat(text(decoder, "{7,NULL}")).isEqualTo(expected);
        assertThat(text(decoder, "[5:6]={7,NULL}")).isEqualTo(expected);
        assertThat(binary(decoder, "00000001 00000001 00000017 00000002 00000001 00000004 00000007 ffffffff"))
                .isEqualTo(expected);
        FieldDecoder texts = new ArrayDecoder("text[]", ScalarDecoder.TEXT);
        assertThat(text(texts, "{a,\"b\\\"\\\\\",\"NULL\"}"))
                .isEqualTo("00000003" + "0000000161" + "0000000362225c" + "000000044e554c4c");
    }

    @Test
    void an_array_of_several_dimensions_is_refused_by_name() {
        FieldDecoder decoder = new ArrayDecoder("int4[]", ScalarDecoder.INT4);
        for (Runnable attempt : List.<Runnable>of(
                () -> text(decoder, "{{1,2},{3,4}}"),
                () -> binary(decoder, "00000002 00000000 00000017 00000002 00000001 00000002 00000001"))) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_UNREPRESENTABLE))
                    .hasMessageContaining("int4[]")
                    .hasMessageContaining("dimensions");
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {16, 21, 23, 20, 26, 700, 701, NUMERIC, 790, 3802, 2950, 1082, 1083, 1266, 1114, 1186, 1560, 869, 829
            })
    void malformed_bytes_are_a_protocol_violation(int oid) {
        FieldDecoder decoder = type(oid, -1).decoder();
        for (String wrong : List.of("", "00", "0000000000")) {
            if ((oid == 16 && wrong.length() == 2) || (oid == 1560 && wrong.length() == 10)) {
                continue;
            }
            assertThatThrownBy(() -> binary(decoder, wrong))
                    .as("'%s'", wrong)
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION));
        }
    }

    @Test
    void an_unknown_type_has_text_only() {
        PgType point = BuiltInTypes.textOnly(600, "point", Kind.OPAQUE);
        assertThat(point.known()).isFalse();
        assertThat(text(point.decoder(), "(1,2)")).isEqualTo("28312c3229");
        assertThatThrownBy(() -> binary(point.decoder(), "00"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("point");
    }
}
