package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.replication.LogSequenceNumber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a place in the log that lies below every change that a snapshot taken afterwards does not see, and as high as it
 * can. Stateless.
 *
 * <p>That place is the log's end L as of now, unless a transaction has its commit record below L and is still not visible
 * when the snapshot is taken. Only a transaction that had an id already when L was read can: those below an id of our own,
 * taken after L. Of these that are still open
 * <ul>
 *   <li>one that is idle after L was read has not begun to commit, so its commit record will be above L;
 *   <li>any other is given a moment to end. What is not over then either runs a statement, or has committed and waits for a
 *       synchronous standby, for however long: the server shows who does to roles that may see it. Nothing else between
 *       commit record and visibility takes that long once the log is flushed up to L.
 * </ul>
 * Where a commit waits for a standby, or cannot be told from a running statement because the role lacks
 * {@code pg_read_all_stats} on a server with synchronous standbys, the bound is the lowest there is.
 */
final class SnapshotBound {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotBound.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(50);

    /** Below every change. */
    static final long LOWEST = 1;

    /** While COMMIT PREPARED waits, its transaction is nobody's and the session that waits has none. */
    private static final String OPEN = """
            SELECT count(*) FILTER (WHERE coalesce(a.state, '') NOT LIKE 'idle in transaction%%'),
              count(*) FILTER (WHERE CASE WHEN a.pid IS NULL
                THEN EXISTS (SELECT FROM pg_catalog.pg_stat_activity w
                  WHERE w.wait_event = 'SyncRep' AND w.backend_xid IS NULL)
                ELSE coalesce(a.wait_event, '') = 'SyncRep' END),
              pg_catalog.current_setting('synchronous_standby_names') <> ''
                AND NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),
              pg_catalog.pg_current_wal_flush_lsn() >= '%s'::pg_lsn
            FROM pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) open(id)
              LEFT JOIN pg_catalog.pg_stat_activity a ON a.backend_xid = open.id::xid
            WHERE open.id < '%d'::xid8
            """;

    private SnapshotBound() {}

    /** The place: no later snapshot misses a commit record below it. Asked through a session in autocommit mode. */
    static long find(Connection connection) throws SQLException {
        LogSequenceNumber end =
                LogSequenceNumber.valueOf(single(connection, "SELECT pg_catalog.pg_current_wal_insert_lsn()::text"));
        String open = OPEN.formatted(end.asString(), ownTransaction(connection));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(open)) {
                row.next();
                if (row.getInt(1) == 0) {
                    return end.asLong();
                }
                if (System.nanoTime() > deadline) {
                    if (row.getInt(2) == 0 && !row.getBoolean(3) && row.getBoolean(4)) {
                        return end.asLong();
                    }
                    LOG.warn(
                            "Of {} open transactions it is not known whether they have committed and only wait for a "
                                    + "synchronous standby: the rows read now are placed below every change of the log{}",
                            row.getInt(1),
                            row.getBoolean(3) ? "; GRANT pg_read_all_stats to the role to tell" : "");
                    return LOWEST;
                }
            }
            pause(POLL, "taking a snapshot");
        }
    }

    /** An id of our own: every transaction that had one before has a lower one. Does not wait for a standby. */
    static long ownTransaction(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit TO local");
        }
        return Long.parseLong(single(connection, "SELECT pg_catalog.pg_current_xact_id()::text"));
    }

    static String single(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new SQLException("no row from " + sql);
            }
            return row.getString(1);
        }
    }

    static void pause(Duration time, String doing) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CdcException(ErrorCode.SNAPSHOT_FAILED, doing + " was interrupted", e);
        }
    }
}
