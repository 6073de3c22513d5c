package io.cdcsystem.consumer;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.jspecify.annotations.Nullable;

/**
 * Whether records of one schema can be read as another, and if not, which field is in the way.
 *
 * <p>Avro's rules decide, told by field. They are blind to what a number or bytes mean: a decimal of another scale,
 * milliseconds read as microseconds or a decimal read as text would resolve into wrong values without a word. So beyond
 * them, types that Debezium names ({@code connect.name}) fit their own kind only. Text is exempt, since it says itself what
 * it is. A reader schema written by hand, whose record bears no {@code connect.name}, is taken at its word wherever it names
 * no meaning.
 */
final class SchemaFit {
    private static final String CONNECT_NAME = "connect.name";

    private final boolean annotated;
    private final Set<Pair> checked = new HashSet<>();

    private SchemaFit(boolean annotated) {
        this.annotated = annotated;
    }

    /** Why records written as {@code writer} cannot be read as {@code reader}; null where they can. */
    static @Nullable String misfit(Schema writer, Schema reader) {
        Schema aliased = Schema.applyAliases(writer, reader);
        String found = new SchemaFit(reader.getProp(CONNECT_NAME) != null).misfit(aliased, reader, "");
        if (found != null) {
            return found;
        }
        SchemaCompatibility.SchemaPairCompatibility verdict =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, aliased);
        return verdict.getType() == SchemaCompatibilityType.COMPATIBLE
                ? null
                : String.valueOf(verdict.getResult().getIncompatibilities());
    }

    private @Nullable String misfit(Schema writer, Schema reader, String path) {
        if (!checked.add(new Pair(writer, reader))) {
            return null;
        }
        if (writer.isUnion() || reader.isUnion()) {
            return unions(writer, reader, path);
        }
        if (writer.getType() != reader.getType()) {
            return leaves(writer, reader, path);
        }
        return switch (writer.getType()) {
            case RECORD -> records(writer, reader, path);
            case ARRAY -> misfit(writer.getElementType(), reader.getElementType(), path + "[]");
            case MAP -> misfit(writer.getValueType(), reader.getValueType(), path + "{}");
            default -> leaves(writer, reader, path);
        };
    }

    private @Nullable String records(Schema writer, Schema reader, String path) {
        for (Schema.Field field : reader.getFields()) {
            String name = path.isEmpty() ? field.name() : path + "." + field.name();
            Schema.Field written = writer.getField(field.name());
            if (written != null) {
                String found = misfit(written.schema(), field.schema(), name);
                if (found != null) {
                    return found;
                }
            } else if (!field.hasDefaultValue()) {
                return "field " + name + " was not written and has no default in the reader's schema";
            }
        }
        return null;
    }

    private @Nullable String unions(Schema writer, Schema reader, String path) {
        for (Schema branch : writer.isUnion() ? writer.getTypes() : Set.of(writer)) {
            String found = branch(branch, reader, path);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String branch(Schema branch, Schema reader, String path) {
        if (!reader.isUnion()) {
            return branch.getType() == Schema.Type.NULL
                    ? "field " + path + " was written as one that may be null and is read as " + described(reader)
                    : misfit(branch, reader, path);
        }
        String first = null;
        for (Schema candidate : reader.getTypes()) {
            String found = branch.getType() == candidate.getType() || candidate.getType() != Schema.Type.NULL
                    ? misfit(branch, candidate, path)
                    : "";
            if (found == null) {
                return null;
            }
            first = first == null || first.isEmpty() ? found : first;
        }
        return first == null || first.isEmpty()
                ? "field " + path + " was written as " + described(branch) + " and is read as " + reader
                : first;
    }

    private @Nullable String leaves(Schema writer, Schema reader, String path) {
        boolean fits = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
        return fits && sameMeaning(writer, reader)
                ? null
                : "field " + path + " was written as " + described(writer) + " and is read as " + described(reader);
    }

    private boolean sameMeaning(Schema writer, Schema reader) {
        if (writer.getType() == Schema.Type.STRING && reader.getType() == Schema.Type.STRING) {
            return true;
        }
        String wanted = meaning(reader);
        boolean takenAtItsWord = !annotated && wanted.isEmpty();
        return takenAtItsWord || (meaning(writer).equals(wanted) && (!annotated || isBytes(writer) == isBytes(reader)));
    }

    private static boolean isBytes(Schema schema) {
        return schema.getType() == Schema.Type.BYTES || schema.getType() == Schema.Type.FIXED;
    }

    /** What the bare type does not say; empty for nothing. */
    private static String meaning(Schema schema) {
        LogicalType logical = schema.getLogicalType();
        if (logical instanceof LogicalTypes.Decimal decimal) {
            return "decimal of scale " + decimal.getScale();
        }
        return Objects.requireNonNullElse(schema.getProp(CONNECT_NAME), "");
    }

    private static String described(Schema schema) {
        String type = schema.getType().getName();
        String meaning = meaning(schema);
        return meaning.isEmpty() ? type : type + " (" + meaning + ")";
    }

    private record Pair(Schema writer, Schema reader) {}
}
