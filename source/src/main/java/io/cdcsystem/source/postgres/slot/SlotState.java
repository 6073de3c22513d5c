package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.SqlText;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot as {@code pg_replication_slots} shows it.
 *
 * @param name its name
 * @param plugin its output plugin; null for a physical slot
 * @param database its database; null for a physical slot
 * @param activePid the walsender that uses it; 0 where none does
 * @param confirmedLsn confirmed_flush_lsn; 0 where there is none
 * @param lost whether the server has invalidated it
 * @param reason why it is lost, in the server's words; null where it is not
 */
public record SlotState(
        String name,
        @Nullable String plugin,
        @Nullable String database,
        int activePid,
        long confirmedLsn,
        boolean lost,
        @Nullable String reason) {

    /** Whether it was created for a pipeline of that database, usable still or not. */
    public boolean isFor(String wantedDatabase) {
        return "pgoutput".equals(plugin) && wantedDatabase.equals(database);
    }

    /** What makes the slot useless to a pipeline of that database; a slot in use is told by {@link #taken()}. */
    public Optional<Obstacle> obstacle(String wantedDatabase) {
        String drop = "SELECT pg_drop_replication_slot(" + SqlText.literal(name) + ");";
        if (!"pgoutput".equals(plugin)) {
            return Optional.of(unusable(
                    "replication slot " + name + " is "
                            + (plugin == null ? "a physical slot" : "of the output plugin " + plugin)
                            + ", not of pgoutput",
                    "choose another slot name, or if nobody needs this one: " + drop));
        }
        if (!wantedDatabase.equals(database)) {
            return Optional.of(unusable(
                    "replication slot " + name + " belongs to database " + database + ", not to " + wantedDatabase,
                    "choose another slot name, or if nobody needs this one: " + drop));
        }
        if (lost) {
            return Optional.of(
                    unusable(
                            "replication slot " + name + " was invalidated by the server (" + reason
                                    + "): the log it kept is gone",
                            "raise max_slot_wal_keep_size (or idle_replication_slot_timeout), then run " + drop
                                    + " and start without state; a start with state and snapshot.mode: when_needed does both, and deletes what vanished"));
        }
        return Optional.empty();
    }

    /** Refuses a position that the slot has left behind: the server would silently begin at its own. */
    public void requireReachesBackTo(long lsn) {
        if (Long.compareUnsigned(confirmedLsn, lsn) > 0) {
            throw new CdcException(
                    ErrorCode.POSITION_LOST,
                    "the stored position is " + PgResumeToken.print(lsn) + ", but replication slot " + name
                            + " was confirmed up to " + PgResumeToken.print(confirmedLsn)
                            + ": what lies between is lost to this state; resume from the newest checkpoint, or "
                            + "restart with snapshot.mode: when_needed, which reads all tables again");
        }
    }

    /**
     * Why the log cannot be read from there on.
     *
     * @param end the log's end as of now
     */
    public Optional<Obstacle> outOfReach(long position, long end) {
        String wanted = "snapshot.position is " + PgResumeToken.print(position) + ", but ";
        if (Long.compareUnsigned(confirmedLsn, position) > 0) {
            return Optional.of(new Obstacle(
                    ErrorCode.POSITION_LOST,
                    name,
                    wanted + "replication slot " + name + " begins at " + PgResumeToken.print(confirmedLsn)
                            + ": what lies between is gone",
                    "give a position from there on, or a snapshot.mode that reads the existing rows"));
        }
        if (Long.compareUnsigned(position, end) > 0) {
            return Optional.of(new Obstacle(
                    ErrorCode.POSITION_LOST,
                    name,
                    wanted + "the server's log ends at " + PgResumeToken.print(end)
                            + ": the position is of another server or of another history",
                    "give a position of this server (SELECT pg_current_wal_flush_lsn())"));
        }
        return Optional.empty();
    }

    /** That somebody else reads it. */
    public Optional<Obstacle> taken() {
        return activePid == 0
                ? Optional.empty()
                : Optional.of(unusable(
                        "replication slot " + name + " is in use by the process " + activePid + " of the server",
                        "stop the other pipeline, or end its connection with SELECT pg_terminate_backend(" + activePid
                                + ");"));
    }

    private Obstacle unusable(String message, String remedy) {
        return new Obstacle(ErrorCode.SLOT_UNUSABLE, name, message, remedy);
    }
}
