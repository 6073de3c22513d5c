package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.util.List;
import java.util.function.Consumer;

/**
 * Every kind with values and what topics must show of them.
 *
 * @param type the column's type
 * @param payload the value in a row
 * @param json the JSON text
 * @param avro the Avro value as generic readers print it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record FieldCase(ColumnType type, byte[] payload, String json, Object avro) {

    static FieldCase of(ColumnType type, Consumer<TestRows> value, String json, Object avro) {
        return new FieldCase(type, TestRows.payload(value), json, avro);
    }

    static FieldCase integer(ColumnType type, Consumer<TestRows> value, long expected) {
        return of(type, value, Long.toString(expected), expected);
    }

    static FieldCase text(ColumnType type, Consumer<TestRows> value, String expected) {
        return of(type, value, "\"" + expected + "\"", expected);
    }

    static List<FieldCase> all() {
        ColumnType int32 = ColumnType.of(Kind.INT32);
        return java.util.stream.Stream.of(numbers(), times(), zoned(), rest(int32))
                .flatMap(List::stream)
                .toList();
    }

    private static List<FieldCase> numbers() {
        ColumnType numeric = ColumnType.of(Kind.VARIABLE_DECIMAL);
        return List.of(
                of(ColumnType.of(Kind.BOOLEAN), r -> r.bool(true), "true", true),
                of(ColumnType.of(Kind.BOOLEAN), r -> r.bool(false), "false", false),
                integer(ColumnType.of(Kind.INT16), r -> r.int16(-32768), -32768),
                integer(ColumnType.of(Kind.INT32), r -> r.int32(Integer.MIN_VALUE), Integer.MIN_VALUE),
                integer(ColumnType.of(Kind.INT32), r -> r.int32(1_000_000_000), 1_000_000_000),
                integer(ColumnType.of(Kind.INT64), r -> r.int64(Long.MIN_VALUE), Long.MIN_VALUE),
                integer(ColumnType.of(Kind.INT64), r -> r.int64(Long.MAX_VALUE), Long.MAX_VALUE),
                integer(ColumnType.of(Kind.INT64), r -> r.int64(0), 0),
                of(ColumnType.of(Kind.FLOAT32), r -> r.float32(3.3f), "3.3", 3.3f),
                of(ColumnType.of(Kind.FLOAT32), r -> r.float32(Float.NaN), "\"NaN\"", Float.NaN),
                of(ColumnType.of(Kind.FLOAT64), r -> r.float64(4.44), "4.44", 4.44),
                of(ColumnType.of(Kind.FLOAT64), r -> r.float64(1e7), "1.0E7", 1e7),
                of(ColumnType.of(Kind.FLOAT64), r -> r.float64(-0.0), "-0.0", -0.0),
                of(
                        ColumnType.of(Kind.FLOAT64),
                        r -> r.float64(Double.NEGATIVE_INFINITY),
                        "\"-Infinity\"",
                        Double.NEGATIVE_INFINITY),
                of(ColumnType.decimal(3, 2), r -> r.decimal(2, (byte) 110), "\"bg==\"", "6e"),
                of(ColumnType.decimal(0, 2), r -> r.decimal(2, (byte) 0xFE, (byte) 0x1D), "\"/h0=\"", "fe1d"),
                of(
                        numeric,
                        r -> r.decimal(4, (byte) 1, (byte) 0x8A, (byte) 0xFF),
                        "{\"scale\":4,\"value\":\"AYr/\"}",
                        "4:018aff"));
    }

    private static List<FieldCase> times() {
        return List.of(
                integer(ColumnType.of(Kind.DATE), r -> r.int32(16321), 16321),
                integer(ColumnType.of(Kind.DATE), r -> r.int32(Integer.MAX_VALUE), -2147472692),
                integer(ColumnType.of(Kind.DATE), r -> r.int32(Integer.MIN_VALUE), -2147472691),
                integer(ColumnType.of(Kind.TIME, 3), r -> r.int64(49_890_123_000L), 49_890_123),
                integer(ColumnType.of(Kind.TIME, 0), r -> r.int64(86_400_000_000L), 86_400_000),
                integer(ColumnType.of(Kind.TIME, 6), r -> r.int64(86_400_000_000L), 86_400_000_000L),
                integer(ColumnType.of(Kind.TIME, 4), r -> r.int64(1), 1),
                integer(ColumnType.of(Kind.TIMESTAMP, 3), r -> r.int64(-1000), -1),
                integer(ColumnType.of(Kind.TIMESTAMP, 0), r -> r.int64(1_478_267_490_000_000L), 1_478_267_490_000L),
                integer(ColumnType.of(Kind.TIMESTAMP, 6), r -> r.int64(-210831897600000001L), -210831897600000001L),
                integer(ColumnType.of(Kind.TIMESTAMP, 6), r -> r.int64(Long.MAX_VALUE), 9223372036825200000L),
                integer(ColumnType.of(Kind.TIMESTAMP, 6), r -> r.int64(Long.MIN_VALUE), -9223372036832400000L),
                integer(ColumnType.of(Kind.TIMESTAMP, 3), r -> r.int64(Long.MAX_VALUE), 9223372036825200000L),
                integer(
                        ColumnType.of(Kind.INTERVAL),
                        r -> r.interval(14, 3, ((4L * 60 + 5) * 60 + 6) * 1_000_000 + 780_000),
                        36_817_200_000_000L + 259_200_000_000L + 14_706_780_000L),
                integer(ColumnType.of(Kind.INTERVAL), r -> r.interval(0, 0, -1), -1));
    }

    private static List<FieldCase> zoned() {
        long instant = 1_478_260_290_123_456L;
        return List.of(
                text(ColumnType.of(Kind.TIME_TZ, 6), r -> r.timeTz(49_890_123_789L, 7200), "11:51:30.123789Z"),
                text(ColumnType.of(Kind.TIME_TZ, 3), r -> r.timeTz(49_890_120_000L, 7200), "11:51:30.12Z"),
                text(ColumnType.of(Kind.TIME_TZ, 6), r -> r.timeTz(3_600_000_000L, 7200), "23:00:00Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 6), r -> r.int64(instant), "2016-11-04T11:51:30.123456Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 5), r -> r.int64(instant), "2016-11-04T11:51:30.12345Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 4), r -> r.int64(instant), "2016-11-04T11:51:30.1234Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 3), r -> r.int64(instant), "2016-11-04T11:51:30.123Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 2), r -> r.int64(instant), "2016-11-04T11:51:30.12Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 1), r -> r.int64(instant), "2016-11-04T11:51:30.1Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 0), r -> r.int64(instant), "2016-11-04T11:51:30Z"),
                text(
                        ColumnType.of(Kind.TIMESTAMP_TZ, 6),
                        r -> r.int64(9223371331199999999L),
                        "+294247-01-01T23:59:59.999999Z"),
                text(
                        ColumnType.of(Kind.TIMESTAMP_TZ, 6),
                        r -> r.int64(-210831897600000001L),
                        "-4712-12-31T23:59:59.999999Z"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 6), r -> r.int64(Long.MAX_VALUE), "infinity"),
                text(ColumnType.of(Kind.TIMESTAMP_TZ, 6), r -> r.int64(Long.MIN_VALUE), "-infinity"),
                text(
                        ColumnType.of(Kind.UUID),
                        r -> r.uuid("0f8fad5b-d9cb-469f-a165-70867728950e"),
                        "0f8fad5b-d9cb-469f-a165-70867728950e"));
    }

    private static List<FieldCase> rest(ColumnType int32) {
        return List.of(
                text(ColumnType.of(Kind.STRING), r -> r.string("cone      "), "cone      "),
                of(ColumnType.of(Kind.STRING), r -> r.string("a\"\u0001"), "\"a\\\"\\u0001\"", "a\"\u0001"),
                of(ColumnType.of(Kind.JSON), r -> r.string("{\"bar\": 1}"), "\"{\\\"bar\\\": 1}\"", "{\"bar\": 1}"),
                text(ColumnType.of(Kind.XML), r -> r.string("<a/>"), "<a/>"),
                text(ColumnType.enumeration(List.of("a", "b")), r -> r.string("b"), "b"),
                text(ColumnType.of(Kind.OPAQUE), r -> r.string("(1,2)"), "(1,2)"),
                of(ColumnType.of(Kind.BYTES), r -> r.bytes((byte) 1, (byte) 2, (byte) 3), "\"AQID\"", "010203"),
                of(ColumnType.of(Kind.BYTES), TestRows::bytes, "\"\"", ""),
                of(ColumnType.of(Kind.BITS, 1), r -> r.bytes((byte) 1), "true", true),
                of(ColumnType.of(Kind.BITS, 1), TestRows::bytes, "false", false),
                of(ColumnType.of(Kind.BITS, 7), r -> r.bytes((byte) 0x40), "\"QA==\"", "40"),
                of(ColumnType.of(Kind.BITS, 0), r -> r.bytes((byte) 5, (byte) 1), "\"BQE=\"", "0501"),
                of(
                        ColumnType.array(int32),
                        r -> r.array(new byte[] {0, 0, 0, 1}, TestRows.NULL_ELEMENT, new byte[] {-1, -1, -1, -1}),
                        "[1,null,-1]",
                        "[1, null, -1]"),
                of(ColumnType.array(int32), TestRows::array, "[]", "[]"),
                of(
                        ColumnType.array(ColumnType.of(Kind.STRING)),
                        r -> r.array(new byte[] {'"'}, TestRows.NULL_ELEMENT),
                        "[\"\\\"\",null]",
                        "[\", null]"));
    }
}
