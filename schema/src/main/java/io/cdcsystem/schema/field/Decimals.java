package io.cdcsystem.schema.field;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.ColumnType;

/** Checks that keep a decimal from being published as another number than it is. */
final class Decimals {
    private Decimals() {}

    /** Refuses NaN and the infinities, and a scale that is not the type's own. */
    static void checkFixed(byte[] array, int offset, int scale, String where) {
        int actual = variableScale(array, offset, where);
        if (actual != scale) {
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "a value in " + where + " has " + actual + " fractional digits where the column's type has " + scale
                            + "; restart the job so that it reads the table's definition again");
        }
    }

    /** The value's own scale; refuses NaN and the infinities. */
    static int variableScale(byte[] array, int offset, String where) {
        int scale = BigEndian.getInt(array, offset);
        if (scale <= ColumnType.DECIMAL_NEGATIVE_INFINITY) {
            String value =
                    switch (scale) {
                        case ColumnType.DECIMAL_NAN -> "NaN";
                        case ColumnType.DECIMAL_POSITIVE_INFINITY -> "Infinity";
                        default -> "-Infinity";
                    };
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "the decimal " + value + " in " + where
                            + " has no form in a topic; change the value in the table or exclude the column");
        }
        return scale;
    }
}
