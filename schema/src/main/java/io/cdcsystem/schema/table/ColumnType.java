package io.cdcsystem.schema.table;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column's type as the job carries it, independent of the database.
 *
 * <p>The {@link Kind} fixes how a value lies in a {@link io.cdcsystem.schema.row.Row}; the parameters refine what the
 * topics' schema says of it.
 *
 * @param kind the representation
 * @param precision total digits ({@code DECIMAL}), fractional second digits (times; 6 is full), length
 *     ({@code BITS}); 0 where it has no meaning
 * @param scale fractional digits of a {@code DECIMAL}; 0 otherwise
 * @param labels the labels of an {@code ENUM} in their order; empty otherwise
 * @param element the element type of an {@code ARRAY}; null otherwise
 */
public record ColumnType(
        Kind kind,
        int precision,
        int scale,
        List<String> labels,
        @Nullable ColumnType element) implements Serializable {

    /**
     * How a value is laid out in a row's field. All integers are big-endian; "micros" are microseconds.
     *
     * <p>Infinite dates and timestamps are the extreme values of their integer.
     */
    public enum Kind {
        /** One byte, 0 or 1. */
        BOOLEAN,
        /** int16. */
        INT16,
        /** int32. */
        INT32,
        /** int64. */
        INT64,
        /** IEEE 754 single. */
        FLOAT32,
        /** IEEE 754 double. */
        FLOAT64,
        /**
         * int32 scale, then the unscaled value as minimal two's complement. The scale is the type's own; a scale of
         * {@link #DECIMAL_NAN}, {@link #DECIMAL_POSITIVE_INFINITY} or {@link #DECIMAL_NEGATIVE_INFINITY} with no digits
         * behind it is that special value.
         */
        DECIMAL,
        /** As {@code DECIMAL}, for a type without a fixed scale: each value has its own, without trailing zeros. */
        VARIABLE_DECIMAL,
        /** UTF-8. */
        STRING,
        /** UTF-8 text of a JSON document, as the server prints it. */
        JSON,
        /** UTF-8 text of an XML document. */
        XML,
        /** One of {@code labels}, UTF-8. */
        ENUM,
        /** 16 bytes. */
        UUID,
        /** Raw bytes. */
        BYTES,
        /** Bit string as little-endian bytes without trailing zero bytes; {@code precision} is its declared length. */
        BITS,
        /** int32 days since 1970-01-01. */
        DATE,
        /** int64 micros since midnight. */
        TIME,
        /** int64 micros since midnight at the offset, then int32 offset in seconds east of UTC. */
        TIME_TZ,
        /** int64 micros since 1970-01-01 00:00:00, without a zone. */
        TIMESTAMP,
        /** int64 micros since 1970-01-01 00:00:00 UTC. */
        TIMESTAMP_TZ,
        /** int32 months, int32 days, int64 micros. */
        INTERVAL,
        /** int32 count, then per element an int32 length (-1 for null) and the element's own layout. */
        ARRAY,
        /** UTF-8 text form of a value whose type we do not know. */
        OPAQUE
    }

    /** Scale that marks a NaN. */
    public static final int DECIMAL_NAN = Integer.MIN_VALUE;
    /** Scale that marks plus infinity. */
    public static final int DECIMAL_POSITIVE_INFINITY = Integer.MIN_VALUE + 1;
    /** Scale that marks minus infinity. */
    public static final int DECIMAL_NEGATIVE_INFINITY = Integer.MIN_VALUE + 2;

    /** Rejects parameters that contradict the kind. */
    public ColumnType {
        labels = List.copyOf(labels);
        if ((kind == Kind.ARRAY) != (element != null)) {
            throw new IllegalArgumentException("exactly an ARRAY has an element type, not " + kind);
        }
        if (kind != Kind.ENUM && !labels.isEmpty()) {
            throw new IllegalArgumentException("only an ENUM has labels, not " + kind);
        }
        if (precision < 0) {
            throw new IllegalArgumentException("negative precision " + precision);
        }
    }

    /** A type without parameters. */
    public static ColumnType of(Kind kind) {
        return new ColumnType(kind, 0, 0, List.of(), null);
    }

    /** A type with a precision or length: times, timestamps, bit strings. */
    public static ColumnType of(Kind kind, int precision) {
        return new ColumnType(kind, precision, 0, List.of(), null);
    }

    /** A decimal of fixed precision and scale. */
    public static ColumnType decimal(int precision, int scale) {
        return new ColumnType(Kind.DECIMAL, precision, scale, List.of(), null);
    }

    /** An enumeration with its labels in order. */
    public static ColumnType enumeration(List<String> labels) {
        return new ColumnType(Kind.ENUM, 0, 0, labels, null);
    }

    /** An array; its elements may be null. */
    public static ColumnType array(ColumnType element) {
        return new ColumnType(Kind.ARRAY, 0, 0, List.of(), element);
    }
}
