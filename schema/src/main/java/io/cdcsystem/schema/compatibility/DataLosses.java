package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.envelope.AvroField;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What Avro does not mind, and a person has to decide all the same. */
final class DataLosses {
    private static final Map<Kind, Set<Kind>> NUMBERS_HELD_EXACTLY = Map.of(
            Kind.INT16, Set.of(Kind.INT16),
            Kind.INT32, Set.of(Kind.INT16, Kind.INT32),
            Kind.INT64, Set.of(Kind.INT16, Kind.INT32, Kind.INT64),
            Kind.FLOAT32, Set.of(Kind.INT16, Kind.FLOAT32),
            Kind.FLOAT64, Set.of(Kind.INT16, Kind.INT32, Kind.FLOAT32, Kind.FLOAT64));

    private DataLosses() {}

    /** The losses between two versions, whether or not the schemas resolve. */
    static List<Break.DataLoss> of(
            CompatibilityMode mode, TableSchema last, TableSchema next, Map<String, String> renamedColumns) {
        List<Break.DataLoss> losses = new ArrayList<>();
        for (ColumnChange change : SchemaDifference.between(last, next, renamedColumns)) {
            String consequence = consequence(mode, change);
            if (!consequence.isEmpty()) {
                losses.add(new Break.DataLoss(change, consequence));
            }
        }
        return losses;
    }

    /** What is lost; empty for nothing. */
    private static String consequence(CompatibilityMode mode, ColumnChange change) {
        if (change instanceof ColumnChange.Dropped dropped) {
            return "new records no longer carry " + dropped.column().name();
        }
        if (change instanceof ColumnChange.Renamed renamed) {
            return "readers look for one name in records that carry the other, so "
                    + renamed.before().name() + " is missing in new records and "
                    + renamed.after().name() + " in old ones";
        }
        if (change instanceof ColumnChange.Retyped retyped) {
            return retyped(mode, retyped);
        }
        if (change instanceof ColumnChange.LabelsChanged labels
                && !labels.lost().isEmpty()) {
            return "old records hold labels that the type no longer has";
        }
        if (change instanceof ColumnChange.KeyChanged key && !key.before().isEmpty()) {
            return key.after().isEmpty()
                    ? "new records have no key, so compaction and ordering by key end"
                    : "new records of a row have another key than its old ones, so compaction keeps both";
        }
        return "";
    }

    private static String retyped(CompatibilityMode mode, ColumnChange.Retyped change) {
        ColumnType before = change.before().type();
        ColumnType after = change.after().type();
        if (!change.before().name().equals(change.after().name())) {
            // The new name breaks already.
            return "";
        }
        if (mode.directions().contains(Direction.BACKWARD) && !holds(after, before)) {
            return "the Avro types resolve, but the new type cannot say every old value as it was meant";
        }
        if (mode.directions().contains(Direction.FORWARD) && !holds(before, after)) {
            return "the Avro types resolve, but the old type cannot say every new value as it is meant";
        }
        return "";
    }

    /** Whether a reader of one type takes every value of the other for what it is. */
    private static boolean holds(ColumnType reader, ColumnType writer) {
        if (reader.element() != null && writer.element() != null) {
            return holds(reader.element(), writer.element());
        }
        if (!Objects.equals(AvroField.semanticName(reader), AvroField.semanticName(writer))) {
            return false;
        }
        Set<Kind> numbers = NUMBERS_HELD_EXACTLY.get(reader.kind());
        if (numbers != null) {
            return numbers.contains(writer.kind());
        }
        return switch (reader.kind()) {
            case DECIMAL -> reader.scale() == writer.scale() && fits(reader.precision(), writer.precision());
            case BITS -> writer.kind() == Kind.BOOLEAN || fits(reader.precision(), writer.precision());
            case BYTES -> writer.kind() == Kind.BYTES;
            case STRING, OPAQUE -> writer.kind() == Kind.STRING || writer.kind() == Kind.OPAQUE;
            case ARRAY -> writer.kind() == Kind.ARRAY;
            // One kind under its semantic name; of times, precisions of one unit.
            default -> true;
        };
    }

    /** Digits or bits; 0 is any number of them. */
    private static boolean fits(int available, int needed) {
        return available == 0 || (needed != 0 && needed <= available);
    }
}
