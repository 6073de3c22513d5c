package io.cdcsystem.source.signal;

import io.cdcsystem.schema.table.TableId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a signal asks for. */
public sealed interface SnapshotCommand {

    /**
     * Read tables again, while the log is read on.
     *
     * @param tables which; captured ones only
     * @param conditions restrict which rows of some of them are read; the first that means a table counts
     * @param remarks what of the signal is not taken into account, for the log
     */
    record ExecuteSnapshot(TableMatcher tables, List<Condition> conditions, List<String> remarks)
            implements SnapshotCommand {
        /** Rejects missing parts; copies the lists. */
        public ExecuteSnapshot {
            Objects.requireNonNull(tables, "tables");
            conditions = List.copyOf(conditions);
            remarks = List.copyOf(remarks);
        }

        /** Whether the table is to be read. */
        public boolean matches(TableId table) {
            return tables.matches(table);
        }

        /** The SQL condition on the rows of that table; null for all rows. */
        public @Nullable String condition(TableId table) {
            for (Condition condition : conditions) {
                if (condition.tables().matches(table)) {
                    return condition.filter();
                }
            }
            return null;
        }
    }

    /**
     * Which rows of some tables are read.
     *
     * @param tables the tables that it restricts
     * @param filter what could stand behind WHERE
     */
    record Condition(TableMatcher tables, String filter) {
        /** Rejects missing parts. */
        public Condition {
            Objects.requireNonNull(tables, "tables");
            if (filter.isBlank()) {
                throw new IllegalArgumentException("an empty condition restricts nothing");
            }
        }
    }

    /** End the reading of tables that was asked for and is not finished; {@link TableMatcher#all()} for all of it. */
    record StopSnapshot(TableMatcher tables) implements SnapshotCommand {
        /** Whether the table's reading is to end. */
        public boolean matches(TableId table) {
            return tables.matches(table);
        }
    }

    /** Read no further rows until {@link ResumeSnapshot}; the log is read on. */
    record PauseSnapshot() implements SnapshotCommand {}

    /** Go on reading rows. */
    record ResumeSnapshot() implements SnapshotCommand {}

    /** Capture tables that were not captured so far: their rows, and their changes from then on. */
    record AddTables(TableMatcher tables) implements SnapshotCommand {
        /** Whether the table is to be captured. */
        public boolean matches(TableId table) {
            return tables.matches(table);
        }
    }

    /** Capture tables no longer. */
    record RemoveTables(TableMatcher tables) implements SnapshotCommand {
        /** Whether the table is not to be captured any more. */
        public boolean matches(TableId table) {
            return tables.matches(table);
        }
    }

    /** Write a message to the job's log: shows that signals arrive; {@code {}} in it stands for the signal's position. */
    record LogMessage(String message) implements SnapshotCommand {
        /** Rejects a missing message. */
        public LogMessage {
            Objects.requireNonNull(message, "message");
        }
    }
}
