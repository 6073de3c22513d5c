package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.slot.ReplicationSlot;
import io.cdcsystem.source.postgres.slot.SlotState;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** One open stream from the slot. Not thread-safe: its reader guards it with one lock. */
final class ReplicationSession implements AutoCloseable {
    private static final String OBJECT_IN_USE = "55006";
    private static final String OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";
    private static final String UNDEFINED_OBJECT = "42704";
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(75);
    private static final Duration SLOT_RETRY = Duration.ofMillis(250);

    private final Connection connection;
    private final PGReplicationStream stream;
    private final long newestXid;

    private ReplicationSession(Connection connection, PGReplicationStream stream, long newestXid) {
        this.connection = connection;
        this.stream = stream;
        this.newestXid = newestXid;
    }

    /** Streams from {@code lsn} on; waits a while for a predecessor's backend to let the slot go. */
    static ReplicationSession open(PostgresConfig config, long lsn, boolean binary, Duration statusInterval) {
        long deadline = System.nanoTime() + SLOT_PATIENCE.toNanos();
        while (true) {
            Connection connection = null;
            ReplicationSession session = null;
            try {
                PgConnections connections = new PgConnections(config);
                connection = connections.replication();
                SlotState slot = new ReplicationSlot(connections).require(connection);
                slot.requireReachesBackTo(lsn);
                if (slot.activePid() == 0) {
                    long newestXid = newestXid(connection);
                    session = new ReplicationSession(
                            connection, start(connection, config, lsn, binary, statusInterval), newestXid);
                    return session;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw slotTaken(config, Integer.toString(slot.activePid()), null);
                }
            } catch (SQLException e) {
                if (!OBJECT_IN_USE.equals(e.getSQLState())) {
                    throw failure(config, lsn, e);
                }
                if (System.nanoTime() - deadline > 0) {
                    throw slotTaken(config, "unknown", e);
                }
            } finally {
                if (session == null && connection != null) {
                    abort(connection);
                }
            }
            LockSupport.parkNanos(SLOT_RETRY.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new CdcException(
                        ErrorCode.STREAM_FAILED,
                        "interrupted while waiting for replication slot " + config.slotName() + "; nothing to do");
            }
        }
    }

    /** The 64-bit transaction id that comes next: what the log's 32-bit ids are widened against. */
    private static long newestXid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text")) {
            row.next();
            return Long.parseLong(row.getString(1));
        }
    }

    private static PGReplicationStream start(
            Connection connection, PostgresConfig config, long lsn, boolean binary, Duration statusInterval)
            throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(config.slotName())
                .withStartPosition(LogSequenceNumber.valueOf(lsn))
                .withAutomaticFlush(false)
                .withStatusInterval(Math.toIntExact(statusInterval.toMillis()), TimeUnit.MILLISECONDS)
                .withSlotOption("proto_version", "1")
                .withSlotOption(
                        "publication_names", '"' + config.publicationName().replace("\"", "\"\"") + '"')
                .withSlotOption("binary", binary)
                // Signals come as logical messages.
                .withSlotOption("messages", true)
                .start();
    }

    /** The next message; null where none has arrived. */
    @Nullable
    ByteBuffer readPending() throws SQLException {
        return stream.readPending();
    }

    /** WAL position of the message read last, or of a keepalive that came after it. */
    long receivedLsn() {
        return stream.getLastReceiveLSN().asLong();
    }

    /** A 64-bit transaction id as of the session's beginning. */
    long newestXid() {
        return newestXid;
    }

    /** Sends a status message that confirms everything before {@code durable}, and asks for an answer. */
    void sendStatus(long durable) throws SQLException {
        if (durable != 0) {
            LogSequenceNumber lsn = LogSequenceNumber.valueOf(durable);
            stream.setFlushedLSN(lsn);
            stream.setAppliedLSN(lsn);
        }
        stream.forceUpdateStatus();
    }

    /**
     * Drops the connection. Not the protocol's orderly end: for that the rest of a transaction that the server is sending
     * would have to be read first, however large.
     */
    @Override
    public void close() {
        abort(connection);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone either way; the server notices the closed socket.
        }
    }

    private static CdcException slotTaken(PostgresConfig config, String pid, @Nullable SQLException cause) {
        return new CdcException(
                ErrorCode.SLOT_UNUSABLE,
                "replication slot " + config.slotName() + " is in use by the server process " + pid
                        + "; stop the other job that reads from it, or, if that is dead already, run SELECT"
                        + " pg_terminate_backend(" + pid + ")",
                cause);
    }

    /** What the server's error means for the pipeline. */
    static CdcException failure(PostgresConfig config, long lsn, SQLException e) {
        String where =
                "replication slot " + config.slotName() + " at " + PgResumeToken.print(lsn) + ": " + e.getMessage();
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return switch (state) {
            case OBJECT_NOT_IN_PREREQUISITE_STATE ->
                new CdcException(
                        ErrorCode.SLOT_UNUSABLE,
                        where
                                + "; see pg_replication_slots for the slot's state: an invalidated slot has to be dropped, and"
                                + " a new snapshot taken",
                        e);
            case UNDEFINED_OBJECT ->
                new CdcException(
                        ErrorCode.PUBLICATION_UNUSABLE,
                        where + "; the publication " + config.publicationName()
                                + " has to exist as of the position that is read: create it and take a new snapshot",
                        e);
            case "28000", "28P01" ->
                new CdcException(
                        ErrorCode.DATABASE_UNREACHABLE, where + "; check the role, its password and pg_hba.conf", e);
            case "42501" ->
                new CdcException(ErrorCode.PRIVILEGE_MISSING, where + "; the role needs the REPLICATION attribute", e);
            default ->
                new CdcException(
                        ErrorCode.STREAM_FAILED, where + "; reading is taken up again by the restart of the job", e);
        };
    }
}
