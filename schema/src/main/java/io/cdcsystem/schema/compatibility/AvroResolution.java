package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.compatibility.Break.Part;
import io.cdcsystem.schema.envelope.AvroField;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Avro's schema resolution between two versions of a table's key or value, told as changes of its columns.
 *
 * <p>Fields find each other by name, as Avro spells it: a renamed column is one field gone and another come.
 */
final class AvroResolution {
    private final Part part;
    private final TableSchema before;
    private final TableSchema after;
    private final Map<String, String> successors;
    private final Map<String, Field> beforeFields;
    private final Map<String, Field> afterFields;

    private record Field(Column column, AvroField avro) {}

    AvroResolution(Part part, TableSchema before, TableSchema after, Map<String, String> renamedColumns) {
        this.part = part;
        this.before = before;
        this.after = after;
        this.successors = SchemaDifference.successors(before, after, renamedColumns);
        this.beforeFields = fields(part, before);
        this.afterFields = fields(part, after);
    }

    /** The changes that keep a reader from resolving what the other version wrote. */
    Set<ColumnChange> breaks(Direction direction) {
        boolean backward = direction == Direction.BACKWARD;
        Map<String, Field> readers = backward ? afterFields : beforeFields;
        Map<String, Field> writers = backward ? beforeFields : afterFields;
        Set<ColumnChange> breaks = new LinkedHashSet<>();
        readers.forEach((name, reader) -> {
            Field writer = writers.get(name);
            if (writer == null) {
                if (!reader.avro().defaulted()) {
                    breaks.add(backward ? come(reader.column()) : gone(reader.column()));
                }
            } else if (!reader.avro().reads(writer.avro())) {
                boolean typesResolve = reader.avro().type().reads(writer.avro().type());
                breaks.add(
                        backward
                                ? changed(writer.column(), reader.column(), typesResolve)
                                : changed(reader.column(), writer.column(), typesResolve));
            }
        });
        return breaks;
    }

    private ColumnChange come(Column now) {
        Column old = predecessor(now);
        if (old != null && !old.name().equals(now.name())) {
            return new ColumnChange.Renamed(old, now);
        }
        return part == Part.KEY ? keyChange() : new ColumnChange.Added(now);
    }

    private ColumnChange gone(Column old) {
        String successor = successors.get(old.name());
        if (successor != null && !successor.equals(old.name())) {
            return new ColumnChange.Renamed(old, after.columns().get(after.indexOf(successor)));
        }
        return part == Part.KEY ? keyChange() : new ColumnChange.Dropped(old);
    }

    private ColumnChange changed(Column old, Column now, boolean typesResolve) {
        Column predecessor = predecessor(now);
        if (predecessor != null && !predecessor.name().equals(now.name())) {
            return new ColumnChange.Renamed(predecessor, now);
        }
        if (!typesResolve) {
            return new ColumnChange.Retyped(old, now);
        }
        // A nullable column of the key is required in its records.
        return old.nullable() == now.nullable() ? keyChange() : new ColumnChange.NullabilityChanged(old, now);
    }

    private ColumnChange keyChange() {
        return SchemaDifference.ofKey(before, after, successors)
                .orElseGet(() -> new ColumnChange.KeyChanged(before.primaryKey(), after.primaryKey()));
    }

    private @Nullable Column predecessor(Column now) {
        for (Column old : before.columns()) {
            if (now.name().equals(successors.get(old.name()))) {
                return old;
            }
        }
        return null;
    }

    private static Map<String, Field> fields(Part part, TableSchema table) {
        List<Field> fields = new ArrayList<>();
        if (part == Part.KEY) {
            for (int index : table.keyIndexes()) {
                Column column = table.columns().get(index);
                fields.add(new Field(column, AvroField.ofKey(column)));
            }
        } else {
            for (Column column : table.columns()) {
                boolean inKey = table.primaryKey().contains(column.name());
                fields.add(new Field(column, AvroField.ofValue(column, inKey)));
            }
        }
        Map<String, Field> byName = new LinkedHashMap<>();
        fields.forEach(field -> byName.put(field.avro().name(), field));
        return byName;
    }
}
