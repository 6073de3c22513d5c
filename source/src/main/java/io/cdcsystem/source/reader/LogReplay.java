package io.cdcsystem.source.reader;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.split.HandedOver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells what an earlier attempt has handed over from what comes for the first time, where the log is read again because
 * tables waited, and how far reading has come. Pure; task thread only.
 *
 * <p>A change of a definition stands at the position of the row's change behind it, which may not have come yet. So a
 * change at the very end of what was handed over comes once more; the ruling on it is known by then.
 */
final class LogReplay {
    /** Of the attempt before; null once reading has passed all of it. */
    private @Nullable HandedOver earlier;
    /** That of the last event that was read; null before the first. */
    private @Nullable Position last;

    LogReplay(@Nullable HandedOver earlier) {
        this.earlier = earlier;
    }

    /** Takes note of the next event; whether it was handed over before. */
    boolean isRepeated(SourceEvent event) {
        Position position = event.position();
        last = position;
        HandedOver before = earlier;
        if (before == null) {
            return false;
        }
        boolean repeated = before.contains(event.table().id(), position);
        if (isPassed(before, behind(position))) {
            earlier = null;
        }
        return repeated;
    }

    private static boolean isPassed(HandedOver before, Position read) {
        return read.compareTo(before.before()) >= 0
                && before.waiting().values().stream().allMatch(from -> read.compareTo(from) >= 0);
    }

    /** Whether events wait no more behind this change. */
    boolean isRepeated(TableChange change, List<TableId> tables, Position position) {
        HandedOver before = earlier;
        if (before == null) {
            return false;
        }
        // A drop that was found by looking has no place of its own: it may be found elsewhere the second time.
        boolean found = change.after() == null && change.origin() == ChangeOrigin.INFERRED;
        return !found && before.contains(tables, position);
    }

    /**
     * Everything of the table that stands below was handed over, when it begins to wait before the next event. The change
     * that it waits behind may say another place: only events are sure to come at the same one again.
     */
    Position waitsFrom(TableId table, int epoch) {
        HandedOver before = earlier;
        Position read = read();
        Position from = before == null ? read : later(before.of(table), read);
        return from == null ? new Position(epoch, 0, 0) : from;
    }

    /**
     * What a checkpoint keeps; null where everything that was read is handed over, and nothing else.
     *
     * @param waiting from where on the tables wait that do
     */
    @Nullable
    HandedOver handedOver(Map<TableId, Position> waiting) {
        HandedOver before = earlier;
        if (before == null && waiting.isEmpty()) {
            return null;
        }
        Position read = read();
        Map<TableId, Position> positions = new HashMap<>();
        if (before != null) {
            before.waiting().forEach((table, from) -> positions.put(table, later(from, read)));
        }
        positions.putAll(waiting);
        Position reached = before == null ? read : later(before.before(), read);
        if (reached == null) {
            int epoch = waiting.values().iterator().next().epoch();
            reached = new Position(epoch, 0, 0);
        }
        return new HandedOver(reached, positions);
    }

    /** Behind the last event that was read. */
    private @Nullable Position read() {
        return last == null ? null : behind(last);
    }

    private static Position later(Position one, @Nullable Position other) {
        return other == null || one.compareTo(other) >= 0 ? one : other;
    }

    private static Position behind(Position position) {
        return new Position(position.epoch(), position.commit(), Math.addExact(position.ordinal(), 1));
    }
}
