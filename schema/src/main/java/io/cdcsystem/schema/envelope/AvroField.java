package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A column as a field of a table's Avro records: what decides whether one schema's reader understands another's writer,
 * and what the field means beyond that.
 *
 * @param name the field's name, which may stand for several column names
 * @param type its type without null
 * @param optional whether it is a union with null
 * @param defaulted whether it has a default, null included
 * @param semanticName Connect's name of the meaning ({@code io.debezium.time.Date}); of an array, that of its elements;
 *     null for a plain value
 */
public record AvroField(
        String name,
        AvroType type,
        boolean optional,
        boolean defaulted,
        @Nullable String semanticName) {

    /** The field of a value's record. */
    public static AvroField ofValue(Column column, boolean inPrimaryKey) {
        return of(column, column.nullable() && !inPrimaryKey);
    }

    /** The field of a key's record. */
    public static AvroField ofKey(Column column) {
        return of(column, false);
    }

    /** Whether a reader with this field resolves a record that the other field's writer wrote. */
    public boolean reads(AvroField writer) {
        return (optional || !writer.optional) && type.reads(writer.type);
    }

    private static AvroField of(Column column, boolean optional) {
        SchemaNode node = ColumnSchemas.of(column, optional);
        return new AvroField(
                AvroNames.name(column.name()),
                type(node),
                optional,
                optional || ColumnSchemas.hasAvroDefault(column),
                semanticName(node));
    }

    /** The meaning's name of a type, as {@link #semanticName}. */
    public static @Nullable String semanticName(ColumnType type) {
        return semanticName(ColumnSchemas.of(type));
    }

    private static @Nullable String semanticName(SchemaNode node) {
        return node.items() == null ? node.name() : semanticName(node.items());
    }

    private static AvroType type(SchemaNode node) {
        return switch (node.type()) {
            case BOOLEAN -> AvroType.Primitive.BOOLEAN;
            case INT16, INT32 -> AvroType.Primitive.INT;
            case INT64 -> AvroType.Primitive.LONG;
            case FLOAT32 -> AvroType.Primitive.FLOAT;
            case FLOAT64 -> AvroType.Primitive.DOUBLE;
            case STRING -> AvroType.Primitive.STRING;
            case BYTES -> AvroType.Primitive.BYTES;
            case ARRAY -> new AvroType.Items(type(Objects.requireNonNull(node.items())));
            case STRUCT -> new AvroType.Struct(Objects.requireNonNull(node.name()));
        };
    }
}
