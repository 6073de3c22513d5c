package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The steps between two versions of a table. */
public final class SchemaDifference {
    private SchemaDifference() {}

    /**
     * What changed, in the order of the old columns, then the added ones in the order of the new, then the key, then the
     * order of columns. Empty exactly for equal versions.
     *
     * @param renamedColumns old name to new, for columns that go on under another name; entries whose columns are not
     *     there are ignored
     */
    public static List<ColumnChange> between(
            TableSchema before, TableSchema after, Map<String, String> renamedColumns) {
        if (!before.id().equals(after.id())) {
            throw new IllegalArgumentException(before.id() + " and " + after.id() + " are not versions of one table");
        }
        Map<String, String> successors = successors(before, after, renamedColumns);
        List<ColumnChange> changes = new ArrayList<>();
        for (Column old : before.columns()) {
            Column now = column(after, successors.get(old.name()));
            if (now == null) {
                changes.add(new ColumnChange.Dropped(old));
            } else {
                ofColumn(old, now, changes);
            }
        }
        for (Column now : after.columns()) {
            if (!successors.containsValue(now.name())) {
                changes.add(new ColumnChange.Added(now));
            }
        }
        ofKey(before, after, successors).ifPresent(changes::add);
        ofOrder(before, after, successors).ifPresent(changes::add);
        return List.copyOf(changes);
    }

    /** Old name to new, of every column that both versions have. */
    static Map<String, String> successors(TableSchema before, TableSchema after, Map<String, String> renamedColumns) {
        Map<String, String> successors = new HashMap<>();
        renamedColumns.forEach((old, now) -> {
            if (before.indexOf(old) >= 0 && after.indexOf(now) >= 0) {
                successors.put(old, now);
            }
        });
        for (Column old : before.columns()) {
            if (after.indexOf(old.name()) >= 0 && !successors.containsValue(old.name())) {
                successors.putIfAbsent(old.name(), old.name());
            }
        }
        return successors;
    }

    /** The change of the key; one whose columns were only renamed is the same key. */
    static Optional<ColumnChange> ofKey(TableSchema before, TableSchema after, Map<String, String> successors) {
        List<String> carriedOver = before.primaryKey().stream()
                .map(name -> Objects.requireNonNullElse(successors.get(name), ""))
                .toList();
        return carriedOver.equals(after.primaryKey())
                ? Optional.empty()
                : Optional.of(new ColumnChange.KeyChanged(before.primaryKey(), after.primaryKey()));
    }

    private static void ofColumn(Column before, Column after, List<ColumnChange> changes) {
        if (!before.name().equals(after.name())) {
            changes.add(new ColumnChange.Renamed(before, after));
        }
        boolean enumerations = before.type().kind() == Kind.ENUM && after.type().kind() == Kind.ENUM;
        boolean sameCarriage = enumerations || before.type().equals(after.type());
        if (!sameCarriage || !before.sourceType().equals(after.sourceType())) {
            changes.add(new ColumnChange.Retyped(before, after));
        }
        if (enumerations && !before.type().equals(after.type())) {
            changes.add(new ColumnChange.LabelsChanged(before, after));
        }
        if (before.nullable() != after.nullable()) {
            changes.add(new ColumnChange.NullabilityChanged(before, after));
        }
        if (!Objects.equals(before.defaultValue(), after.defaultValue())) {
            changes.add(new ColumnChange.DefaultChanged(before, after));
        }
    }

    private static Optional<ColumnChange> ofOrder(
            TableSchema before, TableSchema after, Map<String, String> successors) {
        List<String> old = before.columns().stream()
                .map(column -> successors.get(column.name()))
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        List<String> now =
                after.columns().stream().map(Column::name).filter(old::contains).toList();
        return old.equals(now) ? Optional.empty() : Optional.of(new ColumnChange.Reordered(old, now));
    }

    private static @Nullable Column column(TableSchema table, @Nullable String name) {
        return name == null ? null : table.columns().get(table.indexOf(name));
    }
}
