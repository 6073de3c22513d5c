package io.cdcsystem.schema.field;

import java.nio.charset.StandardCharsets;

/** ISO texts of instants and zoned times in UTC, digit by digit into a sink. */
final class DateTimeText {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long SECONDS_PER_DAY = 86_400;
    private static final long MICROS_PER_DAY = SECONDS_PER_DAY * MICROS_PER_SECOND;
    private static final int MICRO_DIGITS = 6;
    private static final long DAYS_FROM_MARCH_0000 = 719_468;
    private static final int DAYS_PER_ERA = 146_097;
    private static final byte[] INFINITY = "infinity".getBytes(StandardCharsets.US_ASCII);

    private DateTimeText() {}

    /** {@code 2016-11-04T11:51:30.123456Z} with exactly {@code digits} digits of the fraction. */
    static void timestamp(long micros, int digits, ByteSink out) {
        if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            if (micros < 0) {
                out.put('-');
            }
            out.put(INFINITY);
            return;
        }
        date(Math.floorDiv(micros, MICROS_PER_DAY), out);
        out.put('T');
        long ofDay = Math.floorMod(micros, MICROS_PER_DAY);
        time(ofDay, out);
        fraction(ofDay % MICROS_PER_SECOND, digits, out);
        out.put('Z');
    }

    /** {@code 11:51:30.123789Z} with as many digits of the fraction as are not zero. */
    static void zonedTime(long micros, int offsetSeconds, ByteSink out) {
        long utc = Math.floorMod(micros - offsetSeconds * MICROS_PER_SECOND, MICROS_PER_DAY);
        time(utc, out);
        long fraction = utc % MICROS_PER_SECOND;
        int digits = fraction == 0 ? 0 : MICRO_DIGITS;
        for (long rest = fraction; digits > 0 && rest % 10 == 0; rest /= 10) {
            digits--;
        }
        fraction(fraction, digits, out);
        out.put('Z');
    }

    private static void time(long ofDay, ByteSink out) {
        long seconds = ofDay / MICROS_PER_SECOND;
        out.putPadded(seconds / 3600, 2);
        out.put(':');
        out.putPadded(seconds / 60 % 60, 2);
        out.put(':');
        out.putPadded(seconds % 60, 2);
    }

    private static void fraction(long micros, int digits, ByteSink out) {
        if (digits == 0) {
            return;
        }
        long shown = micros;
        for (int i = digits; i < MICRO_DIGITS; i++) {
            shown /= 10;
        }
        out.put('.');
        out.putPadded(shown, digits);
    }

    // Days to a proleptic Gregorian date, counting years from March so that the leap day comes last.
    private static void date(long epochDay, ByteSink out) {
        long days = epochDay + DAYS_FROM_MARCH_0000;
        long era = Math.floorDiv(days, DAYS_PER_ERA);
        int dayOfEra = (int) Math.floorMod(days, (long) DAYS_PER_ERA);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int marchMonth = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
        int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
        long year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
        if (year < 0) {
            out.put('-');
        } else if (year > 9999) {
            out.put('+');
        }
        long magnitude = Math.abs(year);
        if (magnitude > 9999) {
            out.putDecimal(magnitude);
        } else {
            out.putPadded(magnitude, 4);
        }
        out.put('-');
        out.putPadded(month, 2);
        out.put('-');
        out.putPadded(day, 2);
    }
}
