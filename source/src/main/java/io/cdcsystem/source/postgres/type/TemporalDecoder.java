package io.cdcsystem.source.postgres.type;

import static io.cdcsystem.source.postgres.type.ValueBytes.requireLength;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowWriter;

/** Dates, times and intervals: PostgreSQL counts from 2000-01-01, rows from 1970-01-01. */
enum TemporalDecoder implements FieldDecoder {
    DATE {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("date", Integer.BYTES, length);
            int days = BigEndian.getInt(array, offset);
            boolean infinite = days == Integer.MAX_VALUE || days == Integer.MIN_VALUE;
            out.writeInt(Integer.BYTES);
            out.writeInt(infinite ? days : days + EPOCH_DAYS);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            long days = TemporalText.date(array, offset, length);
            out.writeInt(Integer.BYTES);
            out.writeInt(
                    days == Long.MAX_VALUE
                            ? Integer.MAX_VALUE
                            : days == Long.MIN_VALUE ? Integer.MIN_VALUE : (int) days);
        }
    },
    TIME {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("time", Long.BYTES, length);
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            ScalarDecoder.writeLongField(TemporalText.time(array, offset, length), out);
        }
    },
    TIME_TZ {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("timetz", Long.BYTES + Integer.BYTES, length);
            // PostgreSQL counts zones westward.
            write(BigEndian.getLong(array, offset), -BigEndian.getInt(array, offset + Long.BYTES), out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            int zone = TemporalText.zoneStart(array, offset, length);
            write(
                    TemporalText.time(array, offset, zone - offset),
                    TemporalText.zone(array, zone, offset + length - zone),
                    out);
        }

        private void write(long micros, int secondsEast, RowWriter out) {
            out.writeInt(Long.BYTES + Integer.BYTES);
            out.writeLong(micros);
            out.writeInt(secondsEast);
        }
    },
    /** With and without zone alike: in UTC, which {@link TextSettings} sets, they differ in text by the offset only. */
    TIMESTAMP {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("timestamp", Long.BYTES, length);
            long micros = BigEndian.getLong(array, offset);
            boolean infinite = micros == Long.MAX_VALUE || micros == Long.MIN_VALUE;
            ScalarDecoder.writeLongField(infinite ? micros : micros + EPOCH_MICROS, out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            ScalarDecoder.writeLongField(TemporalText.timestamp(array, offset, length), out);
        }
    },
    INTERVAL {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("interval", Long.BYTES + 2 * Integer.BYTES, length);
            write(
                    BigEndian.getInt(array, offset + Long.BYTES + Integer.BYTES),
                    BigEndian.getInt(array, offset + Long.BYTES),
                    BigEndian.getLong(array, offset),
                    out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            if (ValueBytes.equalsAscii(array, offset, length, "infinity")) {
                write(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, out);
            } else if (ValueBytes.equalsAscii(array, offset, length, "-infinity")) {
                write(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE, out);
            } else {
                finite(array, offset, length, out);
            }
        }

        /** {@code 1 year 2 mons -3 days +04:05:06.7}, every part optional, each with its own sign. */
        private void finite(byte[] array, int offset, int length, RowWriter out) {
            int end = offset + length;
            long months = 0;
            long days = 0;
            long micros = 0;
            int at = offset;
            while (at < end) {
                int word = TemporalText.indexOf(array, at, end, ' ');
                if (TemporalText.indexOf(array, at, word, ':') < word) {
                    boolean negative = array[at] == '-';
                    int digits = at + (negative || array[at] == '+' ? 1 : 0);
                    micros = TemporalText.time(array, digits, word - digits);
                    micros = negative ? -micros : micros;
                    at = word + 1;
                    continue;
                }
                int digits = at + (array[at] == '+' ? 1 : 0);
                long count = ValueBytes.parseLong("interval", array, digits, word - digits);
                if (word >= end) {
                    throw ValueBytes.malformed("interval", array, offset, length);
                }
                switch (array[word + 1]) {
                    case 'y' -> months += 12 * count;
                    case 'm' -> months += count;
                    case 'd' -> days += count;
                    default -> throw ValueBytes.malformed("interval", array, offset, length);
                }
                at = TemporalText.indexOf(array, word + 1, end, ' ') + 1;
            }
            write((int) months, (int) days, micros, out);
        }

        private void write(int months, int days, long micros, RowWriter out) {
            out.writeInt(Long.BYTES + 2 * Integer.BYTES);
            out.writeInt(months);
            out.writeInt(days);
            out.writeLong(micros);
        }
    };

    /** Days from 1970-01-01 to 2000-01-01. */
    static final int EPOCH_DAYS = 10_957;
    /** The same in microseconds. */
    static final long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;
}
