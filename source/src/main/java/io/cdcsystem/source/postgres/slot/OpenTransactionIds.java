package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.database.OpenTransactions;
import io.cdcsystem.source.postgres.PgFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The transactions of the whole server that had written anything when this was made; those of other databases as well, as
 * a snapshot does not tell them apart. Belongs to its connections' thread.
 *
 * <p>The limit is a transaction id of our own, taken for nothing else: {@code pg_snapshot_xmax} would not do, as it is the
 * newest <em>ended</em> id plus one, and a transaction that is open may have a higher one. A subtransaction's id lies above
 * its transaction's, which stays listed until its end. A prepared transaction is open until COMMIT or ROLLBACK PREPARED.
 * VACUUM and walsenders are not listed, and write nothing that is captured. A transaction without an id has written nothing
 * yet, and what it writes later is published.
 */
public final class OpenTransactionIds implements OpenTransactions {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Supplier<Connection> connections;
    private final long limit;

    /** Those that are open now, asked through the connection that {@code connections} has at the time. */
    public OpenTransactionIds(Supplier<Connection> connections) {
        this.connections = connections;
        try {
            this.limit = SnapshotBound.ownTransaction(connections.get());
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean haveEnded() {
        try {
            String oldest = SnapshotBound.single(
                    connections.get(),
                    "SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint");
            return Long.parseLong(oldest) >= limit;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /** Waits for their end, within limits. */
    public void await(Duration max, String publication) {
        long deadline = System.nanoTime() + max.toNanos();
        while (!haveEnded()) {
            if (System.nanoTime() > deadline) {
                throw new CdcException(
                        ErrorCode.PUBLICATION_UNUSABLE,
                        "transactions that were open when publication " + publication
                                + " was looked at still are after "
                                + max.toMinutes()
                                + " minutes; end them (SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY "
                                + "xact_start; SELECT gid FROM pg_prepared_xacts) and start again");
            }
            SnapshotBound.pause(POLL, "waiting for open transactions");
        }
    }

    private static CdcException failure(SQLException e) {
        return PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "asking for the open transactions");
    }
}
