package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import java.util.ArrayList;
import java.util.List;

/** One step from a version of a table to the next. */
public sealed interface ColumnChange {

    /** The change in one plain fragment of a sentence: {@code column total changes from int8 to int4}. */
    String describe();

    /** A column that the version before did not have. */
    record Added(Column column) implements ColumnChange {
        @Override
        public String describe() {
            return "column " + column.name() + " is added as " + column.sourceType()
                    + (column.nullable() ? "" : " NOT NULL")
                    + (column.defaultValue() == null ? " without a default" : " with a default");
        }
    }

    /** A column that the version after does not have. */
    record Dropped(Column column) implements ColumnChange {
        @Override
        public String describe() {
            return "column " + column.name() + " (" + column.sourceType() + ") is dropped";
        }
    }

    /** A column that goes on under another name; other changes of it stand beside this one. */
    record Renamed(Column before, Column after) implements ColumnChange {
        @Override
        public String describe() {
            return "column " + before.name() + " (" + before.sourceType() + ") is renamed to " + after.name();
        }
    }

    /** A column of another type; also of one that is carried alike, such as text for varchar. */
    record Retyped(Column before, Column after) implements ColumnChange {
        @Override
        public String describe() {
            boolean sameName = before.sourceType().equals(after.sourceType());
            return "column " + after.name() + " changes from " + shown(before, sameName) + " to "
                    + shown(after, sameName);
        }

        // A database's name of a type may leave its parameters out.
        private static String shown(Column column, boolean withParameters) {
            ColumnType type = column.type();
            ColumnType inner = type.element() == null ? type : type.element();
            return withParameters && inner.precision() + inner.scale() > 0
                    ? column.sourceType() + " of precision " + inner.precision() + " and scale " + inner.scale()
                    : column.sourceType();
        }
    }

    /** A column that may be null from now on, or may no longer. */
    record NullabilityChanged(Column before, Column after) implements ColumnChange {
        @Override
        public String describe() {
            return "column " + after.name() + " (" + after.sourceType() + ") "
                    + (after.nullable() ? "may be null" : "becomes NOT NULL");
        }
    }

    /** A column that gets, loses or changes its default. */
    record DefaultChanged(Column before, Column after) implements ColumnChange {
        @Override
        public String describe() {
            String column = "column " + after.name() + " (" + after.sourceType() + ") ";
            if (before.defaultValue() == null) {
                return column + "gets a default";
            }
            return column + (after.defaultValue() == null ? "loses its default" : "gets another default");
        }
    }

    /** An enumeration with other labels, or with the same in another order. */
    record LabelsChanged(Column before, Column after) implements ColumnChange {
        /** The labels that are new. */
        public List<String> gained() {
            return without(after.type().labels(), before.type().labels());
        }

        /** The labels that are gone. */
        public List<String> lost() {
            return without(before.type().labels(), after.type().labels());
        }

        @Override
        public String describe() {
            List<String> parts = new ArrayList<>();
            if (!gained().isEmpty()) {
                parts.add("gains the labels " + String.join(", ", gained()));
            }
            if (!lost().isEmpty()) {
                parts.add("loses the labels " + String.join(", ", lost()));
            }
            return "enumeration column " + after.name() + " (" + after.sourceType() + ") "
                    + (parts.isEmpty() ? "orders its labels anew" : String.join(" and ", parts));
        }

        private static List<String> without(List<String> labels, List<String> others) {
            return labels.stream().filter(label -> !others.contains(label)).toList();
        }
    }

    /** A primary key of other columns, or of the same in another order; an empty list where there is no key. */
    record KeyChanged(List<String> before, List<String> after) implements ColumnChange {
        /** Takes the lists over. */
        public KeyChanged {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }

        @Override
        public String describe() {
            if (before.isEmpty()) {
                return "a primary key " + shown(after) + " is added";
            }
            return after.isEmpty()
                    ? "the primary key " + shown(before) + " is dropped"
                    : "the primary key changes from " + shown(before) + " to " + shown(after);
        }

        private static String shown(List<String> key) {
            return "(" + String.join(", ", key) + ")";
        }
    }

    /**
     * Columns that stay in another order among themselves, by their new names. Readers find fields by name, so it breaks
     * nothing; it is a new schema all the same.
     */
    record Reordered(List<String> before, List<String> after) implements ColumnChange {
        /** Takes the lists over. */
        public Reordered {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }

        @Override
        public String describe() {
            return "the columns change their order from " + String.join(", ", before) + " to "
                    + String.join(", ", after);
        }
    }
}
