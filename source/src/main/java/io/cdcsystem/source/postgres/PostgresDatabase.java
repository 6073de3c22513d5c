package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.ChunkOpening;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.OpenTransactions;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import io.cdcsystem.source.postgres.preflight.ServerChecks;
import io.cdcsystem.source.postgres.slot.OpenTransactionIds;
import io.cdcsystem.source.postgres.slot.Publication;
import io.cdcsystem.source.postgres.slot.ReplicationSlot;
import io.cdcsystem.source.postgres.slot.SnapshotSession;
import io.cdcsystem.source.postgres.snapshot.ChunkOpener;
import io.cdcsystem.source.postgres.snapshot.ChunkPlanner;
import io.cdcsystem.source.postgres.stream.PgLogReader;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A PostgreSQL database to capture. Keeps one ordinary connection for what is short, opened at its first use and again
 * when it broke; snapshots, chunks and the log have their own.
 */
public final class PostgresDatabase implements Database {
    private final PostgresConfig config;
    private final PgConnections connections;
    private final ChunkOpener chunks;
    private @Nullable Connection shared;

    /** The database that {@code config} names; connects at the first call that needs it. */
    public PostgresDatabase(PostgresConfig config) {
        this.config = config;
        this.connections = new PgConnections(config);
        this.chunks = new ChunkOpener(connections);
    }

    @Override
    public List<TableSchema> discoverTables() {
        return catalog().discover(config.tables()).stream().map(PgTable::schema).toList();
    }

    @Override
    public List<TableSchema> findTables(Predicate<TableId> wanted) {
        return catalog().find(wanted).stream().map(PgTable::schema).toList();
    }

    @Override
    public LogStart start(List<TableSchema> tables, StartFrom from) {
        try {
            return starting().start(tables, from);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "preparing the server");
        }
    }

    @Override
    public void verify(SourceEpoch epoch, ResumeToken token) {
        long lsn = PgResumeToken.of(token).lsn();
        String identity = ReplicationSlot.identify(connections);
        if (!identity.equals(epoch.identity())) {
            throw new CdcException(
                    ErrorCode.POSITION_LOST,
                    "the stored position belongs to the server history " + epoch.identity() + ", but "
                            + config.hostname() + ":" + config.port() + " is " + identity
                            + " (system identifier/timeline): it was replaced, restored or failed over; connect to the "
                            + "server of before, or restart with snapshot.mode: when_needed, which reads all tables again");
        }
        try {
            new ReplicationSlot(connections).require(connection()).requireReachesBackTo(lsn);
            long end = new ServerChecks(connection(), config.username()).endOfLog();
            if (Long.compareUnsigned(lsn, end) > 0) {
                throw new CdcException(
                        ErrorCode.POSITION_LOST,
                        "the stored position is " + PgResumeToken.print(lsn) + ", but the server's log ends at "
                                + PgResumeToken.print(end) + ": the server was set back to an earlier state; "
                                + "restart with snapshot.mode: when_needed, which reads all tables again");
            }
            starting().resume();
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "checking the stored position");
        }
    }

    @Override
    public void publish(List<TableSchema> tables) {
        try {
            starting().publish(tables);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "publishing tables");
        }
    }

    @Override
    public List<TableSchema> unpublished(List<TableId> tables) {
        try {
            Set<TableId> missing = new Publication(connection(), config).unpublished(tables);
            return missing.isEmpty() ? List.of() : findTables(missing::contains);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "looking for tables that are not published");
        }
    }

    @Override
    public OpenTransactions openTransactions() {
        return new OpenTransactionIds(this::connection);
    }

    @Override
    public GenerationSession openGeneration(SourceEpoch epoch, @Nullable ResumeToken logStart, int number) {
        return logStart == null
                ? SnapshotSession.exportWithin(connections, connection(), epoch.number(), number)
                : SnapshotSession.export(
                        connections, epoch.number(), PgResumeToken.of(logStart).lsn(), number);
    }

    @Override
    public @Nullable ChunkPlan planChunks(
            TableSchema table,
            @Nullable String condition,
            @Nullable ChunkRange after,
            int rowsPerChunk,
            int chunksMax) {
        return new ChunkPlanner(connection(), catalog()).plan(table, condition, after, rowsPerChunk, chunksMax);
    }

    /**
     * Writes a message that nobody publishes and waits for its commit: that flushes every commit before it, and gives an
     * idle server something to send, so that a reader surely passes the end.
     */
    @Override
    public ResumeToken endOfLog() {
        Connection connection = connection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit TO local");
            statement.execute("SELECT pg_catalog.pg_logical_emit_message(true, 'cdc-system', 'end')");
            try (ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_current_wal_flush_lsn()::text")) {
                if (!row.next()) {
                    throw new SQLException("the server did not say where its log ends");
                }
                return new PgResumeToken(
                                LogSequenceNumber.valueOf(row.getString(1)).asLong())
                        .toToken();
            }
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "asking for the log's end");
        }
    }

    @Override
    public ChunkOpening readChunk(SnapshotSplit split) {
        return chunks.open(this::catalog, split);
    }

    @Override
    public void abort() {
        chunks.abort();
    }

    @Override
    public void releaseSnapshot() {
        chunks.release();
    }

    @Override
    public boolean names(TableId table) {
        return config.tables().stream().map(TablePattern::parse).anyMatch(pattern -> pattern.matches(table));
    }

    @Override
    public LogReader readLog(LogSplit split) {
        return PgLogReader.open(config, split);
    }

    @Override
    public void close() {
        chunks.close();
        closeShared();
    }

    private void closeShared() {
        Connection connection = shared;
        shared = null;
        if (connection != null) {
            PgConnections.close(connection);
        }
    }

    private PostgresStart starting() {
        return new PostgresStart(connections, connection(), catalog());
    }

    private TableCatalog catalog() {
        return new TableCatalog(connection(), config);
    }

    private Connection connection() {
        Connection connection = shared;
        try {
            if (connection != null && connection.isValid(10)) {
                return connection;
            }
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "checking the connection");
        }
        closeShared();
        connection = connections.query();
        shared = connection;
        return connection;
    }
}
