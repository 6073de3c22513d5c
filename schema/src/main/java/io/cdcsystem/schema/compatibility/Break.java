package io.cdcsystem.schema.compatibility;

import java.util.List;

/** One reason why a person has to decide on a table's new version. */
public sealed interface Break {

    /** The change that breaks. */
    ColumnChange change();

    /** What it does, as a fragment of a sentence. */
    String consequence();

    /** Change and consequence. */
    default String text() {
        return change().describe() + ": " + consequence();
    }

    /** Which of a record's two schemas. */
    enum Part {
        /** The schema of subject {@code <topic>-key}. */
        KEY,
        /** The schema of subject {@code <topic>-value}. */
        VALUE
    }

    /**
     * The schemas do not resolve; a registry of this mode would refuse.
     *
     * @param change what breaks
     * @param direction who can no longer read whom
     * @param parts where it shows, at least one
     * @param versionsBack how far back the earlier version lies: 1 for the last one
     */
    record Incompatible(ColumnChange change, Direction direction, List<Part> parts, int versionsBack) implements Break {

        /** Rejects a break that shows nowhere. */
        public Incompatible {
            parts = List.copyOf(parts);
            if (parts.isEmpty() || versionsBack < 1) {
                throw new IllegalArgumentException("a break shows in a part, against an earlier version");
            }
        }

        @Override
        public String consequence() {
            String where = parts.contains(Part.KEY) ? parts.contains(Part.VALUE) ? " (key and value)" : " (key)" : "";
            String whom = versionsBack == 1 ? "" : " of " + versionsBack + " versions ago";
            return direction.broken() + whom + where;
        }
    }

    /**
     * The schemas resolve, but what consumers then see is not what the database says.
     *
     * @param change what breaks
     * @param consequence what is lost
     */
    record DataLoss(ColumnChange change, String consequence) implements Break {}
}
