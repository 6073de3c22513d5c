package io.cdcsystem.source.reader;

import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.split.ResumeToken;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which position of the log each checkpoint under way holds, so that exactly a completed one's is confirmed to the
 * database. Pure; task thread only.
 */
final class CheckpointPositions {
    private final TreeMap<Long, ResumeToken> taken = new TreeMap<>();
    private final ConfirmAt confirmAt;
    /** Completed, but to be confirmed at the next completion only. */
    private @Nullable ResumeToken held;

    CheckpointPositions(ConfirmAt confirmAt) {
        this.confirmAt = confirmAt;
    }

    /** A checkpoint holds this position. */
    void taken(long checkpoint, ResumeToken position) {
        taken.put(checkpoint, position);
    }

    /**
     * A checkpoint is complete: the position to be confirmed for it, if any. Older ones are forgotten with it, aborted ones among them,
     * so what is returned never moves backward.
     */
    Optional<ResumeToken> completed(long checkpoint) {
        Map.Entry<Long, ResumeToken> newest = taken.floorEntry(checkpoint);
        if (newest == null) {
            return Optional.empty();
        }
        ResumeToken position = newest.getKey() == checkpoint ? newest.getValue() : null;
        taken.headMap(checkpoint, true).clear();
        ResumeToken due = confirmAt == ConfirmAt.COMPLETION ? position : held;
        held = position == null ? held : position;
        return Optional.ofNullable(due);
    }
}
