package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.table.ColumnType.Kind;

/** The stored number of each kind: fixed for ever, whatever order the enum has. */
final class KindCode {
    private KindCode() {}

    static int of(Kind kind) {
        return switch (kind) {
            case BOOLEAN -> 1;
            case INT16 -> 2;
            case INT32 -> 3;
            case INT64 -> 4;
            case FLOAT32 -> 5;
            case FLOAT64 -> 6;
            case DECIMAL -> 7;
            case VARIABLE_DECIMAL -> 8;
            case STRING -> 9;
            case JSON -> 10;
            case XML -> 11;
            case ENUM -> 12;
            case UUID -> 13;
            case BYTES -> 14;
            case BITS -> 15;
            case DATE -> 16;
            case TIME -> 17;
            case TIME_TZ -> 18;
            case TIMESTAMP -> 19;
            case TIMESTAMP_TZ -> 20;
            case INTERVAL -> 21;
            case ARRAY -> 22;
            case OPAQUE -> 23;
        };
    }

    static Kind kind(int code) {
        for (Kind kind : Kind.values()) {
            if (of(kind) == code) {
                return kind;
            }
        }
        throw Wire.damaged("a column's type is of unknown kind " + code);
    }
}
