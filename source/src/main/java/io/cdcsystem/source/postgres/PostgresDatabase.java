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
import io.cdcsystem.source.postgres.slot.Publication;
import io.cdcsystem.source.postgres.slot.ReplicationSlot;
import io.cdcsystem.source.postgres.slot.SlotState;
import io.cdcsystem.source.postgres.slot.SnapshotSession;
import io.cdcsystem.source.postgres.snapshot.ChunkPlanner;
import io.cdcsystem.source.postgres.snapshot.CopyChunkReader;
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
import java.util.ArrayList;
import java.util.List;
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
    private @Nullable Connection shared;

    /** The database that {@code config} names; connects at the first call that needs it. */
    public PostgresDatabase(PostgresConfig config) {
        this.config = config;
        this.connections = new PgConnections(config);
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
        ReplicationSlot slot = new ReplicationSlot(connections);
        Connection connection = connection();
        try {
            ServerChecks checks = new ServerChecks(connection, config.username());
            for (Obstacle obstacle : checks.obstacles()) {
                throw obstacle.toException();
            }
            boolean partitioned = checkTables(tables, checks);
            @Nullable SlotState state = slot.state(connection).orElse(null);
            if (state != null) {
                state.obstacle(config.database()).or(state::taken).ifPresent(found -> {
                    throw found.toException();
                });
            }
            List<TableId> ids = tables.stream().map(TableSchema::id).toList();
            new Publication(connection, config.database(), config.publicationName())
                    .ensure(ids, partitioned, state != null);
            return state == null ? startWithSlot(slot) : startBehind(state);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "preparing the server");
        }
    }

    @Override
    public void verify(SourceEpoch epoch, ResumeToken token) {
        long lsn = PgResumeToken.of(token).lsn();
        String identity = identity();
        if (!identity.equals(epoch.identity())) {
            throw new CdcException(
                    ErrorCode.POSITION_LOST,
                    "the stored position belongs to the server history " + epoch.identity() + ", but "
                            + config.hostname() + ":" + config.port() + " is " + identity
                            + " (system identifier/timeline): it was replaced, restored or failed over; connect to the "
                            + "server of before, or start without state for a new snapshot");
        }
        try {
            new ReplicationSlot(connections).require(connection()).requireReachesBackTo(lsn);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "checking the stored position");
        }
    }

    @Override
    public void publish(List<TableSchema> tables) {
        throw new UnsupportedOperationException("tables cannot be added yet: " + tables);
    }

    @Override
    public OpenTransactions openTransactions() {
        throw new UnsupportedOperationException("tables cannot be added yet");
    }

    @Override
    public GenerationSession openGeneration(SourceEpoch epoch, @Nullable ResumeToken logStart, int number) {
        if (logStart == null) {
            throw new UnsupportedOperationException("tables cannot be read again yet");
        }
        return SnapshotSession.export(
                connections, epoch.number(), PgResumeToken.of(logStart).lsn(), 1, number);
    }

    @Override
    public @Nullable ChunkPlan planChunks(
            TableSchema table,
            @Nullable String condition,
            @Nullable ChunkRange after,
            int rowsPerChunk,
            int chunksMax) {
        return new ChunkPlanner(connection()).plan(table, after, rowsPerChunk, chunksMax);
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
        return new ChunkOpening.Opened(CopyChunkReader.open(connections, catalog(), split));
    }

    @Override
    public void releaseSnapshot() {}

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
        Connection connection = shared;
        shared = null;
        if (connection != null) {
            PgConnections.close(connection);
        }
    }

    private boolean checkTables(List<TableSchema> tables, ServerChecks checks) throws SQLException {
        TableCatalog catalog = catalog();
        List<Obstacle> unreadable = new ArrayList<>();
        boolean partitioned = false;
        for (TableSchema table : tables) {
            PgTable described = catalog.describe(table.id());
            partitioned |= described.partitioned();
            checks.select(described).ifPresent(unreadable::add);
            checks.keyLogged(described).ifPresent(found -> {
                throw found.toException();
            });
        }
        if (!unreadable.isEmpty()) {
            String subject =
                    String.join(", ", unreadable.stream().map(Obstacle::subject).toList());
            String remedy = String.join(
                    " ", unreadable.stream().map(Obstacle::remedy).distinct().toList());
            throw new Obstacle(
                            ErrorCode.PRIVILEGE_MISSING,
                            subject,
                            "role " + config.username() + " may not read " + subject,
                            remedy)
                    .toException();
        }
        return partitioned;
    }

    private LogStart startWithSlot(ReplicationSlot slot) {
        Connection replication = connections.replication();
        boolean opened = false;
        try {
            SourceEpoch epoch = new SourceEpoch(1, ReplicationSlot.identify(replication));
            ReplicationSlot.Created created = slot.create(replication);
            SnapshotSession session = SnapshotSession.ofSlot(connections, replication, created, epoch.number());
            opened = true;
            return new LogStart(epoch, new PgResumeToken(created.consistentPoint()).toToken(), session);
        } finally {
            if (!opened) {
                PgConnections.close(replication);
            }
        }
    }

    /** A slot that is there already gives no snapshot; one opened now overlaps with its log. */
    private LogStart startBehind(SlotState slot) {
        SourceEpoch epoch = new SourceEpoch(1, identity());
        SnapshotSession session = SnapshotSession.export(connections, epoch.number(), slot.confirmedLsn(), 1, 1);
        return new LogStart(epoch, new PgResumeToken(slot.confirmedLsn()).toToken(), session);
    }

    private String identity() {
        Connection replication = connections.replication();
        try {
            return ReplicationSlot.identify(replication);
        } finally {
            PgConnections.close(replication);
        }
    }

    private TableCatalog catalog() {
        return new TableCatalog(connection(), config.database(), config.publicationName());
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
        close();
        connection = connections.query();
        shared = connection;
        return connection;
    }
}
