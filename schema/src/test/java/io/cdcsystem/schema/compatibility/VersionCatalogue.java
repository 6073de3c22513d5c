package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Versions of one table, each pair of which is a change: every kind of type, null or not, with and without defaults, keys. */
final class VersionCatalogue {
    static final Column ID = column("id", ColumnType.of(Kind.INT32), false, null);
    /** A rename within the catalogue; it is no rename where one of the columns is missing. */
    static final Map<String, String> RENAMES = Map.of("v", "w");

    private static final TableId TABLE = new TableId("shop", "public", "orders");

    private VersionCatalogue() {}

    static TableSchema table(List<String> key, Column... columns) {
        return new TableSchema(TABLE, List.of(columns), key);
    }

    static Column column(String name, ColumnType type, boolean nullable, byte @Nullable [] defaultValue) {
        String kind = type.kind().name().toLowerCase(Locale.ROOT);
        return new Column(name, type, nullable, defaultValue == null ? null : new FieldValue(defaultValue), kind);
    }

    static byte[] int32(int value) {
        byte[] bytes = new byte[Integer.BYTES];
        BigEndian.putInt(bytes, 0, value);
        return bytes;
    }

    static byte[] int64(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    /** The versions by what tells them apart. */
    static Map<String, TableSchema> versions() {
        Map<String, TableSchema> versions = new LinkedHashMap<>();
        for (ColumnType type : types()) {
            versions.put(type.kind() + parameters(type), withV(type, false, null));
        }
        for (ColumnType type : nullables()) {
            versions.put(type.kind() + parameters(type) + " NULL", withV(type, true, null));
        }
        defaults(versions);
        others(versions);
        return versions;
    }

    private static TableSchema withV(ColumnType type, boolean nullable, byte @Nullable [] defaultValue) {
        return table(List.of("id"), ID, column("v", type, nullable, defaultValue));
    }

    private static List<ColumnType> types() {
        List<ColumnType> types = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            switch (kind) {
                case DECIMAL ->
                    types.addAll(List.of(
                            ColumnType.decimal(10, 2),
                            ColumnType.decimal(10, 4),
                            ColumnType.decimal(12, 2),
                            ColumnType.decimal(0, 2)));
                case TIME, TIMESTAMP -> types.addAll(List.of(ColumnType.of(kind, 3), ColumnType.of(kind, 6)));
                case BITS -> types.addAll(List.of(ColumnType.of(kind, 1), ColumnType.of(kind, 8)));
                case ENUM ->
                    types.addAll(List.of(
                            ColumnType.enumeration(List.of("a", "b")), ColumnType.enumeration(List.of("a", "b", "c"))));
                case ARRAY ->
                    Arrays.asList(Kind.INT32, Kind.INT64, Kind.STRING, Kind.VARIABLE_DECIMAL)
                            .forEach(element -> types.add(ColumnType.array(ColumnType.of(element))));
                default -> types.add(ColumnType.of(kind));
            }
        }
        return types;
    }

    private static List<ColumnType> nullables() {
        return List.of(
                ColumnType.of(Kind.INT32),
                ColumnType.of(Kind.INT64),
                ColumnType.of(Kind.FLOAT32),
                ColumnType.of(Kind.STRING),
                ColumnType.of(Kind.BYTES),
                ColumnType.of(Kind.VARIABLE_DECIMAL),
                ColumnType.of(Kind.DATE),
                ColumnType.array(ColumnType.of(Kind.INT32)));
    }

    private static void defaults(Map<String, TableSchema> versions) {
        ColumnType integer = ColumnType.of(Kind.INT32);
        versions.put("int DEFAULT 7", withV(integer, false, int32(7)));
        versions.put("int DEFAULT 8", withV(integer, false, int32(8)));
        versions.put("int NULL DEFAULT 7", withV(integer, true, int32(7)));
        versions.put("bigint DEFAULT 7", withV(ColumnType.of(Kind.INT64), false, int64(7)));
        versions.put("text DEFAULT", withV(ColumnType.of(Kind.STRING), false, text("seven")));
        versions.put("enum DEFAULT", withV(ColumnType.enumeration(List.of("a", "b")), false, text("a")));
        versions.put("numeric DEFAULT", withV(ColumnType.decimal(10, 2), false, new byte[] {0, 0, 0, 2, 3}));
        // Defaults that no Avro schema can hold.
        versions.put(
                "NaN DEFAULT", withV(ColumnType.of(Kind.FLOAT64), false, int64(Double.doubleToLongBits(Double.NaN))));
        versions.put(
                "variable DEFAULT", withV(ColumnType.of(Kind.VARIABLE_DECIMAL), false, new byte[] {0, 0, 0, 2, 3}));
        versions.put("array DEFAULT {}", withV(ColumnType.array(integer), false, int32(0)));
        versions.put(
                "array DEFAULT {7}",
                withV(ColumnType.array(integer), false, new byte[] {0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7}));
    }

    private static void others(Map<String, TableSchema> versions) {
        Column v = column("v", ColumnType.of(Kind.INT32), false, null);
        Column optionalV = column("v", ColumnType.of(Kind.INT32), true, null);
        Column w = column("w", ColumnType.of(Kind.INT32), false, null);
        Column optionalW = column("w", ColumnType.of(Kind.INT64), true, null);
        versions.put("without v", table(List.of("id"), ID));
        versions.put("w", table(List.of("id"), ID, w));
        versions.put("bigint w NULL", table(List.of("id"), ID, optionalW));
        versions.put("w and v", table(List.of("id"), w, ID, v));
        versions.put("v-x", table(List.of("id"), ID, column("v-x", ColumnType.of(Kind.INT32), false, null)));
        versions.put("v_x", table(List.of("id"), ID, column("v_x", ColumnType.of(Kind.INT64), false, null)));
        versions.put("no key", table(List.of(), ID, v));
        versions.put("no key, id NULL", table(List.of(), column("id", ColumnType.of(Kind.INT32), true, null), v));
        versions.put("key (id, v)", table(List.of("id", "v"), ID, v));
        versions.put("key (v, id)", table(List.of("v", "id"), ID, v));
        versions.put("key v NULL", table(List.of("v"), ID, optionalV));
        versions.put("key w", table(List.of("w"), ID, w));
        versions.put("key bigint", table(List.of("id"), column("id", ColumnType.of(Kind.INT64), false, null), v));
        versions.put(
                "key with default",
                table(List.of("id", "v"), ID, column("v", ColumnType.of(Kind.INT32), false, int32(7))));
        versions.put("key text", table(List.of("id"), column("id", ColumnType.of(Kind.STRING), false, null), v));
    }

    private static String parameters(ColumnType type) {
        String element = type.element() == null ? "" : " of " + type.element().kind();
        String numbers = type.precision() + type.scale() == 0 ? "" : "(" + type.precision() + "," + type.scale() + ")";
        return numbers + (type.labels().isEmpty() ? "" : type.labels()) + element;
    }
}
