package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.FieldValue;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Tells constant defaults from those that a function computes, and knows each kind's zero. Stateless. */
final class ColumnDefaults {
    private static final String TEXT = "(?:'(?:[^'\\\\]|'')*+'|E'(?:[^'\\\\]|''|\\\\.)*+'|B'[01]*+')";
    private static final String NUMBER = "(?:-?\\d++(?:\\.\\d*+)?(?:[eE][+-]?\\d++)?|\\(-?\\d++(?:\\.\\d*+)?\\))";
    private static final String NAME = "(?:\"(?:[^\"]|\"\")++\"|[A-Za-z_][A-Za-z_0-9]*+)";
    private static final String CAST = "::" + NAME + "(?:\\." + NAME + ")?(?: [a-z ]++)?(?:\\(\\d++(?:,-?\\d++)?\\))?"
            + "(?: with(?:out)? time zone)?(?:\\[\\])*+";
    /** A literal with casts, as {@code pg_get_expr} prints it. */
    private static final Pattern CONSTANT =
            Pattern.compile("(?:" + TEXT + "|" + NUMBER + "|true|false|NULL)(?:" + CAST + ")*+", Pattern.DOTALL);

    private ColumnDefaults() {}

    /** Whether an expression has the same value for every row, as plainly to be seen. */
    static boolean isConstant(String expression) {
        return CONSTANT.matcher(expression).matches();
    }

    /** What stands for a default that only the server can compute, in a column that takes no null. */
    static FieldValue zero(ColumnType type) {
        return switch (type.kind()) {
            case BOOLEAN -> zeros(1);
            case INT16 -> zeros(Short.BYTES);
            case INT32, FLOAT32, DATE, ARRAY -> zeros(Integer.BYTES);
            case INT64, FLOAT64, TIME, TIMESTAMP, TIMESTAMP_TZ -> zeros(Long.BYTES);
            case TIME_TZ -> zeros(Long.BYTES + Integer.BYTES);
            case INTERVAL, UUID -> zeros(16);
            case DECIMAL -> decimalZero(type.scale());
            case VARIABLE_DECIMAL -> decimalZero(0);
            case JSON -> text("{}");
            case ENUM -> text(type.labels().isEmpty() ? "" : type.labels().get(0));
            case STRING, XML, BYTES, BITS, OPAQUE -> zeros(0);
        };
    }

    private static FieldValue zeros(int length) {
        return new FieldValue(new byte[length]);
    }

    private static FieldValue decimalZero(int scale) {
        RowWriter out = new RowWriter();
        out.writeInt(scale);
        out.writeByte(0);
        return new FieldValue(out.finish().array());
    }

    private static FieldValue text(String value) {
        return new FieldValue(value.getBytes(StandardCharsets.UTF_8));
    }
}
