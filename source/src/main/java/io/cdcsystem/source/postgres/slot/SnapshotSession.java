package io.cdcsystem.source.postgres.slot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection that does nothing but keep its exported snapshot importable. Belongs to one thread. */
public final class SnapshotSession implements GenerationSession {
    private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    private final PgConnections connections;
    private final Connection holder;
    private final Generation generation;
    private final String snapshotName;

    private SnapshotSession(PgConnections connections, Connection holder, Generation generation, String snapshotName) {
        this.connections = connections;
        this.holder = holder;
        this.generation = generation;
        this.snapshotName = snapshotName;
    }

    /** The first generation, under the snapshot that the creation of the slot exported through {@code replication}. */
    public static SnapshotSession ofSlot(
            PgConnections connections, Connection replication, ReplicationSlot.Created slot, int epoch, int number) {
        Connection importing = connections.query();
        try {
            importSnapshot(importing, slot.snapshotName());
            Visibility visibility =
                    Visibility.parse(SnapshotBound.single(importing, "SELECT pg_catalog.pg_current_snapshot()::text"));
            return new SnapshotSession(
                    connections,
                    replication,
                    generation(epoch, slot.consistentPoint(), number, visibility),
                    slot.snapshotName());
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, "importing the new slot's snapshot");
        } finally {
            PgConnections.close(importing);
        }
    }

    /**
     * A generation behind a log that is being read already. Its rows stand below every change that its snapshot does not see;
     * of those it sees, only the very latest may stand above.
     */
    public static SnapshotSession exportWithin(PgConnections connections, Connection asking, int epoch, int number) {
        try {
            return export(connections, epoch, SnapshotBound.find(asking), number);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, "taking a snapshot");
        }
    }

    /**
     * A generation under a snapshot of its own, which overlaps with the log by visibility.
     *
     * @param logStart no change below it is read, or none that the snapshot does not see
     */
    public static SnapshotSession export(PgConnections connections, int epoch, long logStart, int number) {
        Connection connection = connections.query();
        boolean opened = false;
        try (Statement statement = connection.createStatement()) {
            if (SnapshotBound.single(connection, "SELECT pg_catalog.pg_is_in_recovery()::text")
                    .equals("true")) {
                throw new CdcException(
                        ErrorCode.SETTING_UNUSABLE,
                        "the server is a standby, whose snapshots do not list the transactions in progress; connect to "
                                + "the primary");
            }
            statement.execute(BEGIN);
            String name = SnapshotBound.single(connection, "SELECT pg_catalog.pg_export_snapshot()");
            Visibility visibility =
                    Visibility.parse(SnapshotBound.single(connection, "SELECT pg_catalog.pg_current_snapshot()::text"));
            SnapshotSession session =
                    new SnapshotSession(connections, connection, generation(epoch, logStart, number, visibility), name);
            opened = true;
            return session;
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, "exporting a snapshot");
        } finally {
            if (!opened) {
                PgConnections.close(connection);
            }
        }
    }

    /** Begins a transaction of {@code connection} under an exported snapshot. */
    public static void importSnapshot(Connection connection, String snapshotName) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(BEGIN);
            statement.execute("SET TRANSACTION SNAPSHOT " + SqlText.literal(snapshotName));
        }
    }

    @Override
    public Generation generation() {
        return generation;
    }

    @Override
    public String snapshotName() {
        return snapshotName;
    }

    /** Imports it once: asking the holder itself would end a slot's snapshot. */
    @Override
    public boolean isOpen() {
        Connection connection;
        try {
            connection = connections.query();
        } catch (CdcException e) {
            return false;
        }
        try {
            importSnapshot(connection, snapshotName);
            return true;
        } catch (SQLException e) {
            return false;
        } finally {
            PgConnections.close(connection);
        }
    }

    @Override
    public void close() {
        PgConnections.close(holder);
    }

    private static Generation generation(int epoch, long logStart, int number, Visibility visibility) {
        return new Generation(1, number, new Position(epoch, logStart - 1, number), visibility);
    }
}
