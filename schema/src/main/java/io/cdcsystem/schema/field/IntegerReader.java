package io.cdcsystem.schema.field;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;
import org.jspecify.annotations.Nullable;

/** Reads the integer that a topic carries for a value; JSON and Avro share it and differ in how they write it. */
@FunctionalInterface
interface IntegerReader {
    /** Debezium's number for a date of 'infinity'. */
    int DATE_POSITIVE_INFINITY = -2_147_472_692;
    /** Debezium's number for a date of '-infinity'. */
    int DATE_NEGATIVE_INFINITY = -2_147_472_691;
    /** Debezium's number for a timestamp of 'infinity', in milliseconds and microseconds alike. */
    long TIMESTAMP_POSITIVE_INFINITY = 9_223_372_036_825_200_000L;
    /** Debezium's number for a timestamp of '-infinity'. */
    long TIMESTAMP_NEGATIVE_INFINITY = -9_223_372_036_832_400_000L;
    /** Microseconds of a twelfth of 365.25 days. */
    long MICROS_PER_MONTH = 2_629_800_000_000L;
    /** Microseconds of 24 hours. */
    long MICROS_PER_DAY = 86_400_000_000L;
    /** Fraction digits up to which times are carried in milliseconds. */
    int MILLI_DIGITS = 3;

    /** The integer of the value at {@code offset}. */
    long read(byte[] array, int offset);

    /** The reader for a type that topics carry as an integer; null for every other type. */
    static @Nullable IntegerReader of(ColumnType type, String where) {
        boolean millis = type.precision() <= MILLI_DIGITS;
        return switch (type.kind()) {
            case INT16 -> BigEndian::getShort;
            case INT32 -> BigEndian::getInt;
            case INT64 -> BigEndian::getLong;
            case DATE -> IntegerReader::date;
            case TIME -> millis ? (array, offset) -> BigEndian.getLong(array, offset) / 1000 : BigEndian::getLong;
            case TIMESTAMP ->
                millis
                        ? (array, offset) -> timestamp(array, offset, 1000)
                        : (array, offset) -> timestamp(array, offset, 1);
            case INTERVAL -> (array, offset) -> interval(array, offset, where);
            default -> null;
        };
    }

    private static long date(byte[] array, int offset) {
        int days = BigEndian.getInt(array, offset);
        if (days == Integer.MAX_VALUE) {
            return DATE_POSITIVE_INFINITY;
        }
        return days == Integer.MIN_VALUE ? DATE_NEGATIVE_INFINITY : days;
    }

    private static long timestamp(byte[] array, int offset, int divisor) {
        long micros = BigEndian.getLong(array, offset);
        if (micros == Long.MAX_VALUE) {
            return TIMESTAMP_POSITIVE_INFINITY;
        }
        return micros == Long.MIN_VALUE ? TIMESTAMP_NEGATIVE_INFINITY : Math.floorDiv(micros, divisor);
    }

    private static long interval(byte[] array, int offset, String where) {
        int months = BigEndian.getInt(array, offset);
        int days = BigEndian.getInt(array, offset + Integer.BYTES);
        long micros = BigEndian.getLong(array, offset + 2 * Integer.BYTES);
        try {
            long whole = Math.addExact(
                    Math.multiplyExact(months, MICROS_PER_MONTH), Math.multiplyExact(days, MICROS_PER_DAY));
            return Math.addExact(whole, micros);
        } catch (ArithmeticException e) {
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "the interval of " + months + " months, " + days + " days and " + micros + " microseconds in "
                            + where
                            + " is more microseconds than an int64 holds; change the value or exclude the column",
                    e);
        }
    }
}
