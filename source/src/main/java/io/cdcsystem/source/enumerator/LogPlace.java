package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the log begins and ends, and who has it. Coordinator thread only. */
final class LogPlace {
    private final SourceEpoch epoch;
    private final ResumeToken start;
    private @Nullable ResumeToken end;
    private boolean begun;
    private boolean assigned;
    private @Nullable LogSplit returned;

    LogPlace(SourceEpoch epoch, ResumeToken start, @Nullable ResumeToken end) {
        this.epoch = epoch;
        this.start = start;
        this.end = end;
    }

    /** Restored. */
    LogPlace(Capture capture) {
        this(capture.epoch(), capture.logStart(), capture.logEnd());
        assigned = capture.logAssigned();
        returned = capture.logReturned();
        begun = assigned || returned != null;
    }

    SourceEpoch epoch() {
        return epoch;
    }

    ResumeToken start() {
        return start;
    }

    @Nullable
    ResumeToken end() {
        return end;
    }

    void endAt(@Nullable ResumeToken newEnd) {
        end = newEnd;
    }

    /** Whether it may be read. */
    boolean isBegun() {
        return begun;
    }

    void begin() {
        begun = true;
    }

    boolean isAssigned() {
        return assigned;
    }

    boolean isWaiting() {
        return begun && !assigned;
    }

    /** Whether no reader has ever had it. */
    boolean isUnread() {
        return !assigned && returned == null;
    }

    @Nullable
    LogSplit returned() {
        return returned;
    }

    void back(LogSplit split) {
        assigned = false;
        returned = split;
    }

    /** The tables as they were where the log came back, with the versions in force there; none where it did not. */
    Map<TableId, CapturedTable> known() {
        Map<TableId, CapturedTable> known = new HashMap<>();
        if (returned != null) {
            returned.tables().forEach(table -> known.put(table.schema().id(), table));
        }
        return known;
    }

    /** Hands it out: once, and again only after it came back. */
    LogSplit take(List<CapturedTable> captured) {
        if (!isWaiting()) {
            throw new IllegalStateException("the log is not to be assigned");
        }
        LogSplit from = returned == null ? new LogSplit(epoch, start, 0, captured, List.of(), end) : returned;
        returned = null;
        assigned = true;
        return from.assigned(captured, end);
    }
}
