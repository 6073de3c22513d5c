package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.PgResumeToken;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A replication slot as the server sees it just before streaming.
 *
 * @param confirmedLsn before which the server may have forgotten the log
 * @param activePid the backend that streams from it; 0 where none does
 * @param newestXid a 64-bit transaction id of now
 */
record SlotState(long confirmedLsn, int activePid, long newestXid) {
    private static final String SQL = "SELECT s.plugin, s.wal_status, s.confirmed_flush_lsn::text,"
            + " coalesce(s.active_pid, 0), pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text"
            + " FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = ?";

    /** Asks for it; a slot that cannot be streamed from is an error. */
    static SlotState read(Connection connection, String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new CdcException(
                            ErrorCode.SLOT_UNUSABLE,
                            "replication slot " + slot + " does not exist; it was dropped, and with it the log that was"
                                    + " not read yet: start with a new snapshot");
                }
                String plugin = row.getString(1);
                String confirmed = row.getString(3);
                if (!"pgoutput".equals(plugin)) {
                    throw new CdcException(
                            ErrorCode.SLOT_UNUSABLE,
                            "replication slot " + slot + " belongs to plugin " + plugin
                                    + " and not to pgoutput; configure another slot name");
                }
                if ("lost".equals(row.getString(2)) || confirmed == null) {
                    throw new CdcException(
                            ErrorCode.POSITION_LOST,
                            "replication slot " + slot + " was invalidated by the server, which removed log that was"
                                    + " not read yet; raise max_slot_wal_keep_size, drop the slot and take a new"
                                    + " snapshot");
                }
                return new SlotState(
                        LogSequenceNumber.valueOf(confirmed).asLong(), row.getInt(4), Long.parseLong(row.getString(5)));
            }
        }
    }

    /** The server would silently begin at its own position if that were ahead of ours. */
    void requireReachesBackTo(long lsn, String slot) {
        if (Long.compareUnsigned(confirmedLsn, lsn) > 0) {
            throw new CdcException(
                    ErrorCode.POSITION_LOST,
                    "replication slot " + slot + " was confirmed up to " + PgResumeToken.print(confirmedLsn)
                            + ", beyond the stored position " + PgResumeToken.print(lsn)
                            + ": changes between them are lost; someone else read from the slot or the job was started"
                            + " from an old savepoint: take a new snapshot");
        }
    }
}
