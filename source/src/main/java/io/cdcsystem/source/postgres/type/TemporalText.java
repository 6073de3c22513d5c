package io.cdcsystem.source.postgres.type;

import static io.cdcsystem.source.postgres.type.ValueBytes.malformed;

/** Reads PostgreSQL's ISO text forms of dates and times, without an object per value. */
final class TemporalText {
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final long SECOND_MICROS = 1_000_000L;

    private TemporalText() {}

    static int indexOf(byte[] array, int from, int end, char wanted) {
        int at = from;
        while (at < end && array[at] != wanted) {
            at++;
        }
        return at;
    }

    /** Days since 1970-01-01; the extreme longs for the infinities. */
    static long date(byte[] array, int offset, int length) {
        if (ValueBytes.equalsAscii(array, offset, length, "infinity")) {
            return Long.MAX_VALUE;
        }
        if (ValueBytes.equalsAscii(array, offset, length, "-infinity")) {
            return Long.MIN_VALUE;
        }
        boolean beforeChrist = endsWithBc(array, offset, length);
        return days(array, offset, beforeChrist ? length - 3 : length, beforeChrist);
    }

    /** Micros since 1970-01-01; an offset, where there is one, is subtracted. */
    static long timestamp(byte[] array, int offset, int length) {
        if (ValueBytes.equalsAscii(array, offset, length, "infinity")) {
            return Long.MAX_VALUE;
        }
        if (ValueBytes.equalsAscii(array, offset, length, "-infinity")) {
            return Long.MIN_VALUE;
        }
        boolean beforeChrist = endsWithBc(array, offset, length);
        int end = offset + (beforeChrist ? length - 3 : length);
        int space = indexOf(array, offset, end, ' ');
        if (space == end) {
            throw malformed("timestamp", array, offset, length);
        }
        int time = space + 1;
        int zone = zoneStart(array, time, end - time);
        long micros = days(array, offset, space - offset, beforeChrist) * DAY_MICROS + time(array, time, zone - time);
        return zone == end ? micros : micros - zone(array, zone, end - zone) * SECOND_MICROS;
    }

    private static boolean endsWithBc(byte[] array, int offset, int length) {
        return length > 3 && array[offset + length - 1] == 'C' && array[offset + length - 3] == ' ';
    }

    private static long days(byte[] array, int offset, int length, boolean beforeChrist) {
        int end = offset + length;
        int first = indexOf(array, offset, end, '-');
        if (end - first != 6 || array[first + 3] != '-') {
            throw malformed("date", array, offset, length);
        }
        long year = ValueBytes.parseLong("date", array, offset, first - offset);
        return daysOf(
                beforeChrist ? 1 - year : year,
                twoDigits("date", array, first + 1),
                twoDigits("date", array, first + 4));
    }

    /** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; the year begins in March, so that the leap
     * day comes last. */
    private static long daysOf(long year, int month, int day) {
        long shifted = month > 2 ? year : year - 1;
        long era = Math.floorDiv(shifted, 400L);
        long yearOfEra = shifted - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }

    /** {@code 13:51:30.123789}; hours beyond 24 occur in intervals. */
    static long time(byte[] array, int offset, int length) {
        int end = offset + length;
        int colon = indexOf(array, offset, end, ':');
        int seconds = colon + 4;
        if (seconds + 2 > end || array[colon + 3] != ':') {
            throw malformed("time", array, offset, length);
        }
        long hours = ValueBytes.parseLong("time", array, offset, colon - offset);
        long micros = (hours * 3600 + twoDigits("time", array, colon + 1) * 60L + twoDigits("time", array, seconds))
                * SECOND_MICROS;
        int at = seconds + 2;
        if (at < end && array[at] == '.') {
            long unit = SECOND_MICROS;
            for (at++; at < end && ValueBytes.isDigit(array[at]); at++) {
                unit /= 10;
                micros += unit * (array[at] - '0');
            }
        }
        if (at != end) {
            throw malformed("time", array, offset, length);
        }
        return micros;
    }

    /** Where the offset's sign stands, or the end. */
    static int zoneStart(byte[] array, int offset, int length) {
        int at = offset;
        while (at < offset + length && array[at] != '+' && array[at] != '-') {
            at++;
        }
        return at;
    }

    /** {@code +02}, {@code -05:30}, {@code +00:19:32}: seconds east of UTC. */
    static int zone(byte[] array, int offset, int length) {
        if (length != 3 && length != 6 && length != 9) {
            throw malformed("zone offset", array, offset, length);
        }
        int seconds = twoDigits("zone offset", array, offset + 1) * 3600;
        if (length > 3) {
            seconds += twoDigits("zone offset", array, offset + 4) * 60;
        }
        if (length > 6) {
            seconds += twoDigits("zone offset", array, offset + 7);
        }
        return array[offset] == '-' ? -seconds : seconds;
    }

    private static int twoDigits(String type, byte[] array, int at) {
        if (!ValueBytes.isDigit(array[at]) || !ValueBytes.isDigit(array[at + 1])) {
            throw malformed(type, array, at, 2);
        }
        return (array[at] - '0') * 10 + array[at + 1] - '0';
    }
}
