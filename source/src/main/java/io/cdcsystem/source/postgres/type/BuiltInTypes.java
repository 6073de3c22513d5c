package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which of our types carries a type that comes with PostgreSQL; their oids never change. */
final class BuiltInTypes {
    private static final int FULL_PRECISION = 6;
    private static final int TYPMOD_HEADER = 4;
    private static final int SCALE_BITS = 0x7FF;
    private static final int SCALE_SIGN = 0x400;

    private BuiltInTypes() {}

    /** The type with these modifiers; null where the oid is none of ours. */
    static @Nullable PgType resolve(int oid, int typmod, String name) {
        return switch (oid) {
            case 16 -> known(oid, name, Kind.BOOLEAN, ScalarDecoder.BOOL);
            case 21 -> known(oid, name, Kind.INT16, ScalarDecoder.INT2);
            case 23 -> known(oid, name, Kind.INT32, ScalarDecoder.INT4);
            case 20 -> known(oid, name, Kind.INT64, ScalarDecoder.INT8);
            case 26 -> known(oid, name, Kind.INT64, ScalarDecoder.OID);
            case 700 -> known(oid, name, Kind.FLOAT32, ScalarDecoder.FLOAT4);
            case 701 -> known(oid, name, Kind.FLOAT64, ScalarDecoder.FLOAT8);
            case 1700 -> numeric(oid, typmod, name);
            case 790 -> known(oid, name, ColumnType.decimal(0, ScalarDecoder.MONEY_SCALE), ScalarDecoder.MONEY);
            case 18 -> known(oid, name, Kind.STRING, ScalarDecoder.CHAR);
            case 19, 25, 1042, 1043 -> known(oid, name, Kind.STRING, ScalarDecoder.TEXT);
            case 17 -> known(oid, name, Kind.BYTES, ScalarDecoder.BYTEA);
            case 114 -> known(oid, name, Kind.JSON, ScalarDecoder.TEXT);
            case 3802 -> known(oid, name, Kind.JSON, ScalarDecoder.JSONB);
            case 142 -> known(oid, name, Kind.XML, ScalarDecoder.TEXT);
            case 2950 -> known(oid, name, Kind.UUID, ScalarDecoder.UUID);
            case 869, 650 -> known(oid, name, Kind.STRING, NetworkDecoder.INET);
            case 829, 774 -> known(oid, name, Kind.STRING, NetworkDecoder.MACADDR);
            default -> temporalOrBits(oid, typmod, name);
        };
    }

    private static @Nullable PgType temporalOrBits(int oid, int typmod, String name) {
        int precision = typmod < 0 ? FULL_PRECISION : typmod;
        return switch (oid) {
            case 1082 -> known(oid, name, Kind.DATE, TemporalDecoder.DATE);
            case 1083 -> known(oid, name, ColumnType.of(Kind.TIME, precision), TemporalDecoder.TIME);
            case 1266 -> known(oid, name, ColumnType.of(Kind.TIME_TZ, precision), TemporalDecoder.TIME_TZ);
            case 1114 -> known(oid, name, ColumnType.of(Kind.TIMESTAMP, precision), TemporalDecoder.TIMESTAMP);
            case 1184 -> known(oid, name, ColumnType.of(Kind.TIMESTAMP_TZ, precision), TemporalDecoder.TIMESTAMP);
            case 1186 -> known(oid, name, Kind.INTERVAL, TemporalDecoder.INTERVAL);
            case 1560, 1562 ->
                known(oid, name, ColumnType.of(Kind.BITS, typmod < 0 ? Integer.MAX_VALUE : typmod), BitsDecoder.BITS);
            default -> null;
        };
    }

    private static PgType numeric(int oid, int typmod, String name) {
        if (typmod < TYPMOD_HEADER) {
            return known(oid, name, Kind.VARIABLE_DECIMAL, NumericDecoder.VARIABLE);
        }
        int precision = (typmod - TYPMOD_HEADER) >> 16 & 0xFFFF;
        int scale = ((typmod - TYPMOD_HEADER & SCALE_BITS) ^ SCALE_SIGN) - SCALE_SIGN;
        // Since 15 a scale may be negative (whole numbers with more digits than the precision says) or above the
        // precision (fractions that begin with zeros); both are widened to what every consumer understands.
        int digits = scale < 0 ? precision - scale : Math.max(precision, scale);
        int carried = Math.max(scale, 0);
        return known(oid, name, ColumnType.decimal(digits, carried), new NumericDecoder(carried));
    }

    private static PgType known(int oid, String name, Kind kind, FieldDecoder decoder) {
        return known(oid, name, ColumnType.of(kind), decoder);
    }

    private static PgType known(int oid, String name, ColumnType type, FieldDecoder decoder) {
        return new PgType(oid, name, type, true, decoder);
    }

    /** A type that has text only: a range, whose text is what consumers expect, or one we do not know. */
    static PgType textOnly(int oid, String name, Kind kind) {
        return new PgType(oid, name, ColumnType.of(kind), false, new OpaqueDecoder(name));
    }

    /** An enumeration. */
    static PgType enumeration(int oid, String name, List<String> labels) {
        return known(oid, name, ColumnType.enumeration(labels), ScalarDecoder.TEXT);
    }

    /** An array of a type whose binary form is known. */
    static PgType array(int oid, String name, PgType element) {
        return known(oid, name, ColumnType.array(element.columnType()), new ArrayDecoder(name, element.decoder()));
    }
}
