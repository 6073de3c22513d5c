package io.cdcsystem.source.database;

import io.cdcsystem.source.split.SourceEpoch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a capture is to begin. */
public sealed interface StartFrom {

    /**
     * With a snapshot, and the log behind it.
     *
     * @param generation the number of the first generation
     * @param lost the history whose position was lost: the new one counts on from it, and what the server still keeps for
     *     the lost position is dropped; null where nothing was captured before
     */
    record Snapshot(int generation, @Nullable SourceEpoch lost) implements StartFrom {}

    /** With a snapshot that no log follows: the server need not keep its log for us, and creates nothing. */
    record SnapshotOnly() implements StartFrom {}

    /** With the log as of now, or as of where the server already keeps it for us; without a snapshot. */
    record Now() implements StartFrom {}

    /**
     * With the log at a given position; without a snapshot.
     *
     * @param position in the database's own notation; the server must still keep its log from there on
     */
    record At(String position) implements StartFrom {

        /** Rejects no position. */
        public At {
            Objects.requireNonNull(position, "position");
        }
    }
}
