package io.cdcsystem.source.postgres.type;

import static io.cdcsystem.source.postgres.type.ValueBytes.malformed;
import static io.cdcsystem.source.postgres.type.ValueBytes.malformedBinary;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.ColumnType;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * {@code numeric}: of a fixed scale, or each value with its own.
 *
 * <p>Values of up to 18 digits are computed in a long; longer ones take the way through {@link BigDecimal}.
 */
final class NumericDecoder implements FieldDecoder {
    /** For a numeric without declared scale. */
    static final NumericDecoder VARIABLE = new NumericDecoder(-1);

    private static final int HEADER_BYTES = 8;
    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xC000;
    private static final int POSITIVE_INFINITY = 0xD000;
    private static final int NEGATIVE_INFINITY = 0xF000;
    private static final int GROUP_DIGITS = 4;
    private static final int LONG_DIGITS = 18;

    private final int scale;

    /** Forces {@code scale}, which is never negative; -1 for the values' own. */
    NumericDecoder(int scale) {
        this.scale = scale;
    }

    @Override
    public void binary(byte[] array, int offset, int length, RowWriter out) {
        ValueBytes.requireAtLeast("numeric", HEADER_BYTES, length);
        int groups = BigEndian.getShort(array, offset) & 0xFFFF;
        int weight = BigEndian.getShort(array, offset + 2);
        int sign = BigEndian.getShort(array, offset + 4) & 0xFFFF;
        if (length != HEADER_BYTES + groups * Short.BYTES) {
            throw malformedBinary("numeric", "of " + length + " bytes claims " + groups + " digit groups");
        }
        if (sign != 0 && sign != NEGATIVE) {
            writeSpecial(sign, out);
            return;
        }
        if (groups == 0) {
            Decimals.write(Math.max(scale, 0), 0, out);
            return;
        }
        int digits = offset + HEADER_BYTES;
        // Power of ten that the last group's lowest digit stands for.
        int exponent = GROUP_DIGITS * (weight - groups + 1);
        int target = scale >= 0 ? scale : ownScale(array, digits, groups, exponent);
        int shift = exponent + target;
        int firstDigits = digitCount(BigEndian.getShort(array, digits));
        if (shift > -GROUP_DIGITS && firstDigits + GROUP_DIGITS * (groups - 1) + shift <= LONG_DIGITS) {
            long unscaled = unscaled(array, digits, groups, shift);
            if (unscaled >= 0) {
                Decimals.write(target, sign == NEGATIVE ? -unscaled : unscaled, out);
                return;
            }
        }
        BigDecimal value = big(array, digits, groups, exponent);
        writeBig(sign == NEGATIVE ? value.negate() : value, out);
    }

    private static void writeSpecial(int sign, RowWriter out) {
        switch (sign) {
            case NAN -> Decimals.writeSpecial(ColumnType.DECIMAL_NAN, out);
            case POSITIVE_INFINITY -> Decimals.writeSpecial(ColumnType.DECIMAL_POSITIVE_INFINITY, out);
            case NEGATIVE_INFINITY -> Decimals.writeSpecial(ColumnType.DECIMAL_NEGATIVE_INFINITY, out);
            default -> throw malformedBinary("numeric", "has sign " + sign);
        }
    }

    /** Fractional digits without trailing zeros, 0 for a whole number. */
    private static int ownScale(byte[] array, int digits, int groups, int exponent) {
        int last = BigEndian.getShort(array, digits + (groups - 1) * Short.BYTES);
        int own = -exponent;
        for (; own > 0 && last != 0 && last % 10 == 0; last /= 10) {
            own--;
        }
        return Math.max(own, 0);
    }

    private static int digitCount(int group) {
        return group >= 1000 ? 4 : group >= 100 ? 3 : group >= 10 ? 2 : 1;
    }

    /** The digits times 10^shift; -1 where that would cut digits off. */
    private static long unscaled(byte[] array, int digits, int groups, int shift) {
        long value = 0;
        int last = digits + (groups - 1) * Short.BYTES;
        for (int at = digits; at < last; at += Short.BYTES) {
            value = value * 10_000 + group(array, at);
        }
        int lastGroup = group(array, last);
        if (shift >= 0) {
            return (value * 10_000 + lastGroup) * Decimals.power(shift);
        }
        // The last group reaches beyond the scale: its lower digits are padding, not value.
        int padding = (int) Decimals.power(-shift);
        return lastGroup % padding != 0 ? -1 : value * Decimals.power(GROUP_DIGITS + shift) + lastGroup / padding;
    }

    private static int group(byte[] array, int at) {
        int group = BigEndian.getShort(array, at);
        if (group < 0 || group > 9999) {
            throw malformedBinary("numeric", "has a digit group " + group);
        }
        return group;
    }

    private static BigDecimal big(byte[] array, int digits, int groups, int exponent) {
        char[] text = new char[groups * GROUP_DIGITS];
        for (int i = 0; i < groups; i++) {
            int group = group(array, digits + i * Short.BYTES);
            for (int d = GROUP_DIGITS - 1; d >= 0; d--) {
                text[i * GROUP_DIGITS + d] = (char) ('0' + group % 10);
                group /= 10;
            }
        }
        return new BigDecimal(new BigInteger(new String(text)), -exponent);
    }

    private void writeBig(BigDecimal value, RowWriter out) {
        if (scale < 0) {
            BigDecimal stripped = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
            BigDecimal whole = stripped.scale() < 0 ? stripped.setScale(0) : stripped;
            Decimals.write(whole.scale(), whole.unscaledValue(), out);
            return;
        }
        try {
            Decimals.write(scale, value.setScale(scale).unscaledValue(), out);
        } catch (ArithmeticException e) {
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "a numeric with scale " + value.stripTrailingZeros().scale() + " does not fit its type's scale "
                            + scale + "; the table was altered behind the log's back: take a new snapshot of it",
                    e);
        }
    }

    @Override
    public void text(byte[] array, int offset, int length, RowWriter out) {
        int end = offset + length;
        int at = offset;
        boolean negative = length > 0 && array[at] == '-';
        if (negative) {
            at++;
        }
        if (at == end) {
            throw malformed("numeric", array, offset, length);
        }
        if (!ValueBytes.isDigit(array[at])) {
            textSpecial(array, offset, length, out);
            return;
        }
        long value = 0;
        int fraction = -1;
        int significant = 0;
        for (; at < end && significant <= LONG_DIGITS; at++) {
            byte c = array[at];
            if (c == '.' && fraction < 0) {
                fraction = 0;
                continue;
            }
            if (!ValueBytes.isDigit(c)) {
                throw malformed("numeric", array, offset, length);
            }
            value = value * 10 + (c - '0');
            significant += significant > 0 || c != '0' ? 1 : 0;
            fraction += fraction >= 0 ? 1 : 0;
        }
        int shift = scale < 0 ? 0 : scale - Math.max(fraction, 0);
        if (significant > LONG_DIGITS || shift < 0 || significant + shift > LONG_DIGITS) {
            textBig(array, offset, length, out);
        } else {
            writeLong(negative ? -value : value, Math.max(fraction, 0), shift, out);
        }
    }

    private void writeLong(long value, int fraction, int shift, RowWriter out) {
        if (scale >= 0) {
            Decimals.write(scale, value * Decimals.power(shift), out);
            return;
        }
        long stripped = value;
        int own = fraction;
        while (own > 0 && stripped % 10 == 0) {
            stripped /= 10;
            own--;
        }
        Decimals.write(own, stripped, out);
    }

    private void textBig(byte[] array, int offset, int length, RowWriter out) {
        try {
            writeBig(new BigDecimal(ValueBytes.ascii(array, offset, length)), out);
        } catch (NumberFormatException e) {
            throw malformed("numeric", array, offset, length);
        }
    }

    private static void textSpecial(byte[] array, int offset, int length, RowWriter out) {
        if (ValueBytes.equalsAscii(array, offset, length, "NaN")) {
            Decimals.writeSpecial(ColumnType.DECIMAL_NAN, out);
        } else if (ValueBytes.equalsAscii(array, offset, length, "Infinity")) {
            Decimals.writeSpecial(ColumnType.DECIMAL_POSITIVE_INFINITY, out);
        } else if (ValueBytes.equalsAscii(array, offset, length, "-Infinity")) {
            Decimals.writeSpecial(ColumnType.DECIMAL_NEGATIVE_INFINITY, out);
        } else {
            throw malformed("numeric", array, offset, length);
        }
    }
}
