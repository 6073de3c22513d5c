package io.cdcsystem.source.database;

import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The start of a pipeline's log, fixed before the first row is read.
 *
 * @param epoch the history it belongs to
 * @param token where reading the log will begin
 * @param session the first generation's open snapshot, which meets {@code token} exactly where the log's start was created
 *     with it, and overlaps it by visibility otherwise; null where no snapshot was asked for
 */
public record LogStart(
        SourceEpoch epoch, ResumeToken token, @Nullable GenerationSession session) {

    /** Rejects missing parts. */
    public LogStart {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(token, "token");
    }
}
