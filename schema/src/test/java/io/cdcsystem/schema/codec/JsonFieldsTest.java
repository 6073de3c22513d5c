package io.cdcsystem.schema.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.field.FieldEncoder;
import io.cdcsystem.schema.field.HeaderFieldEncoders;
import io.cdcsystem.schema.field.JsonFieldEncoders;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JsonFieldsTest {
    private static final int ROUNDS = 2000;
    private final Random random = new Random(42);

    static List<FieldCase> cases() {
        return FieldCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_kind_is_printed_as_documented(FieldCase field) {
        assertThat(text(JsonFieldEncoders.of(field.type(), "t.c"), field.payload()))
                .isEqualTo(field.json());
    }

    @Test
    void strings_are_escaped_as_jackson_escapes_them() throws Exception {
        ObjectMapper jackson = new ObjectMapper();
        FieldEncoder encoder = JsonFieldEncoders.of(ColumnType.of(Kind.STRING), "t.c");
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.appendCodePoint(codePoint());
            }
            byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
            assertThat(encoder.encode(utf8)).isEqualTo(jackson.writeValueAsBytes(text.toString()));
        }
    }

    @Test
    void numbers_are_printed_as_jackson_prints_them() throws Exception {
        ObjectMapper jackson = new ObjectMapper();
        FieldEncoder longs = JsonFieldEncoders.of(ColumnType.of(Kind.INT64), "t.c");
        FieldEncoder doubles = JsonFieldEncoders.of(ColumnType.of(Kind.FLOAT64), "t.c");
        FieldEncoder floats = JsonFieldEncoders.of(ColumnType.of(Kind.FLOAT32), "t.c");
        for (int round = 0; round < ROUNDS; round++) {
            long bits = random.nextLong() >> random.nextInt(64);
            double wide = Double.longBitsToDouble(random.nextLong());
            float narrow = Float.intBitsToFloat(random.nextInt());
            assertThat(text(longs, TestRows.payload(r -> r.int64(bits)))).isEqualTo(Long.toString(bits));
            assertThat(doubles.encode(TestRows.payload(r -> r.float64(wide))))
                    .isEqualTo(jackson.writeValueAsBytes(wide));
            assertThat(floats.encode(TestRows.payload(r -> r.float32(narrow))))
                    .isEqualTo(jackson.writeValueAsBytes(narrow));
        }
    }

    @Test
    void bytes_are_standard_base64_at_every_length() {
        FieldEncoder encoder = JsonFieldEncoders.of(ColumnType.of(Kind.BYTES), "t.c");
        for (int length = 0; length < 70; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(text(encoder, bytes)).isEqualTo('"' + Base64.getEncoder().encodeToString(bytes) + '"');
        }
    }

    @Test
    void instants_are_printed_as_java_time_prints_them() {
        DateTimeFormatter six = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
        FieldEncoder encoder = JsonFieldEncoders.of(ColumnType.of(Kind.TIMESTAMP_TZ, 6), "t.c");
        for (int round = 0; round < ROUNDS; round++) {
            long micros = random.nextLong() >> random.nextInt(20);
            String expected =
                    six.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
            assertThat(text(encoder, TestRows.payload(r -> r.int64(micros)))).isEqualTo('"' + expected + '"');
        }
    }

    @Test
    void an_interval_beyond_int64_is_refused() {
        FieldEncoder encoder = JsonFieldEncoders.of(ColumnType.of(Kind.INTERVAL), "public.t.i");
        byte[] huge = TestRows.payload(r -> r.interval(Integer.MAX_VALUE, 0, 0));
        byte[] infinite = TestRows.payload(r -> r.interval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE));
        for (byte[] payload : List.of(huge, infinite)) {
            assertThatThrownBy(() -> encoder.encode(payload))
                    .hasMessageContaining("VALUE_UNREPRESENTABLE")
                    .hasMessageContaining("public.t.i");
        }
    }

    @Test
    void header_texts_differ_from_json_for_decimals_strings_and_infinities() {
        assertThat(text(
                        HeaderFieldEncoders.of(ColumnType.decimal(9, 3), "t.c"),
                        TestRows.payload(r -> r.decimal(3, (byte) -1))))
                .isEqualTo("-0.001");
        assertThat(text(HeaderFieldEncoders.of(ColumnType.of(Kind.STRING), "t.c"), new byte[] {'\n', '"', '\\'}))
                .isEqualTo("\"\n\\\"\\\\\"");
        assertThat(text(
                        HeaderFieldEncoders.of(ColumnType.of(Kind.FLOAT64), "t.c"),
                        TestRows.payload(r -> r.float64(Double.POSITIVE_INFINITY))))
                .isEqualTo("Infinity");
    }

    private int codePoint() {
        int[] bounds = {0x30, 0x80, 0x800, 0xD800, 0x20000};
        int bound = random.nextInt(bounds.length);
        return bound == bounds.length - 1 ? 0x10000 + random.nextInt(0x10000) : random.nextInt(bounds[bound]);
    }

    private static String text(FieldEncoder encoder, byte[] payload) {
        return new String(encoder.encode(payload), StandardCharsets.UTF_8);
    }
}
