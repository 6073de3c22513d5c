package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.preflight.ServerChecks;
import io.cdcsystem.source.postgres.slot.OpenTransactionIds;
import io.cdcsystem.source.postgres.slot.Publication;
import io.cdcsystem.source.postgres.slot.ReplicationSlot;
import io.cdcsystem.source.postgres.slot.SlotState;
import io.cdcsystem.source.postgres.slot.SnapshotSession;
import io.cdcsystem.source.split.SourceEpoch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Prepares a server for a capture: checks, publication, slot and first snapshot. For one call; belongs to its thread. */
final class PostgresStart {
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(20);
    private static final Duration SLOT_RETRY = Duration.ofMillis(250);
    private static final Duration OLD_WRITERS_MAX = Duration.ofMinutes(10);

    private final PgConnections connections;
    private final PostgresConfig config;
    private final Connection connection;
    private final TableCatalog catalog;
    private final ServerChecks checks;
    private final Publication publication;

    PostgresStart(PgConnections connections, Connection connection, TableCatalog catalog) {
        this.connections = connections;
        this.config = connections.config();
        this.connection = connection;
        this.catalog = catalog;
        this.checks = new ServerChecks(connection, config.username());
        this.publication = new Publication(connection, config);
    }

    LogStart start(List<TableSchema> tables, StartFrom from) throws SQLException {
        if (from instanceof StartFrom.SnapshotOnly) {
            throwFirst(checks.snapshotObstacles());
            checkTables(tables, false);
            return snapshotOnly();
        }
        throwFirst(checks.obstacles());
        List<PgTable> described = withSignals(checkTables(tables, true));
        ReplicationSlot slot = new ReplicationSlot(connections);
        @Nullable SlotState state = free(slot);
        if (from instanceof StartFrom.Snapshot snapshot) {
            return withSnapshot(described, snapshot, slot, state);
        }
        if (from instanceof StartFrom.At at) {
            return at(described, PgResumeToken.parse(at.position()), slot, state);
        }
        return now(described, slot, state);
    }

    /** The slot, once an earlier attempt's walsender has noticed its end; where that takes too long, as it is. */
    private @Nullable SlotState free(ReplicationSlot slot) throws SQLException {
        long deadline = System.nanoTime() + SLOT_PATIENCE.toNanos();
        while (true) {
            SlotState state = slot.state(connection).orElse(null);
            if (state == null || state.taken().isEmpty() || System.nanoTime() - deadline > 0) {
                return state;
            }
            LockSupport.parkNanos(SLOT_RETRY.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                return state;
            }
        }
    }

    /** What a table needs that is added to a capture under way. */
    void publish(List<TableSchema> tables) throws SQLException {
        publication.ensure(checkTables(tables, true), true);
    }

    /** That what the publication publishes of single tables is still what is configured, and signals are published. */
    void resume() throws SQLException {
        List<PgTable> selected = new ArrayList<>();
        for (TableSelect select : config.select()) {
            selected.addAll(catalog.find(table -> table.toString().equals(select.table())));
        }
        if (!selected.isEmpty()) {
            throwFirst(publication.obstacle(selected).stream().toList());
        }
        List<PgTable> signals = withSignals(List.of());
        if (!signals.isEmpty()) {
            publication.ensure(signals, true);
        }
    }

    /** These and the signal table, whose rows have to be in the log though nobody captures them. */
    private List<PgTable> withSignals(List<PgTable> captured) {
        PgTable signals = catalog.signalTable().orElse(null);
        if (signals == null || captured.stream().anyMatch(table -> table.oid() == signals.oid())) {
            return captured;
        }
        List<PgTable> all = new ArrayList<>(captured);
        all.add(signals);
        return all;
    }

    private LogStart withSnapshot(
            List<PgTable> tables, StartFrom.Snapshot from, ReplicationSlot slot, @Nullable SlotState state)
            throws SQLException {
        SourceEpoch lost = from.lost();
        int epoch = lost == null ? 1 : lost.number() + 1;
        SlotState kept = state;
        if (state != null && lost != null && state.isFor(config.database())) {
            throwFirst(state.taken().stream().toList());
            slot.drop(connection);
            kept = null;
        }
        requireUsable(kept);
        publication.ensure(tables, kept != null);
        if (kept == null) {
            return behindNewSlot(slot, epoch, from.generation());
        }
        // Whoever changed the publication, and whenever: a transaction that is open now may have written to a table
        // before that, is not decoded for it, and not in our snapshot either. Creating a slot waits by itself.
        new OpenTransactionIds(() -> connection).await(OLD_WRITERS_MAX, config.publicationName());
        SourceEpoch history = new SourceEpoch(epoch, ReplicationSlot.identify(connections));
        SnapshotSession session = SnapshotSession.export(connections, epoch, kept.confirmedLsn(), from.generation());
        return new LogStart(history, new PgResumeToken(kept.confirmedLsn()).toToken(), session);
    }

    private LogStart behindNewSlot(ReplicationSlot slot, int epoch, int generation) {
        Connection replication = connections.replication();
        boolean opened = false;
        try {
            SourceEpoch history = new SourceEpoch(epoch, ReplicationSlot.identify(replication));
            ReplicationSlot.Created created = slot.create(replication);
            SnapshotSession session = SnapshotSession.ofSlot(connections, replication, created, epoch, generation);
            opened = true;
            return new LogStart(history, new PgResumeToken(created.consistentPoint()).toToken(), session);
        } finally {
            if (!opened) {
                PgConnections.close(replication);
            }
        }
    }

    /** No log is read: the role needs no REPLICATION, and the position only stands for the time. */
    private LogStart snapshotOnly() throws SQLException {
        SourceEpoch history = new SourceEpoch(1, ReplicationSlot.identifyByFunctions(connection));
        long end = checks.endOfLog();
        return new LogStart(history, new PgResumeToken(end).toToken(), SnapshotSession.export(connections, 1, end, 1));
    }

    private LogStart now(List<PgTable> tables, ReplicationSlot slot, @Nullable SlotState state) {
        requireUsable(state);
        publication.ensure(tables, state != null);
        if (state != null) {
            return without(state.confirmedLsn());
        }
        Connection replication = connections.replication();
        try {
            SourceEpoch history = new SourceEpoch(1, ReplicationSlot.identify(replication));
            return new LogStart(
                    history, new PgResumeToken(slot.create(replication).consistentPoint()).toToken(), null);
        } finally {
            PgConnections.close(replication);
        }
    }

    private LogStart at(List<PgTable> tables, PgResumeToken position, ReplicationSlot slot, @Nullable SlotState state)
            throws SQLException {
        if (state == null) {
            throw slot.absent().toException();
        }
        requireUsable(state);
        throwFirst(state.outOfReach(position.lsn(), checks.endOfLog()).stream().toList());
        publication.ensure(tables, true);
        return without(position.lsn());
    }

    private LogStart without(long logStart) {
        SourceEpoch history = new SourceEpoch(1, ReplicationSlot.identify(connections));
        return new LogStart(history, new PgResumeToken(logStart).toToken(), null);
    }

    private void requireUsable(@Nullable SlotState state) {
        if (state != null) {
            throwFirst(
                    state.obstacle(config.database()).or(state::taken).stream().toList());
        }
    }

    private List<PgTable> checkTables(List<TableSchema> tables, boolean logged) throws SQLException {
        List<PgTable> described = new ArrayList<>();
        List<Obstacle> unreadable = new ArrayList<>();
        for (TableSchema table : tables) {
            PgTable found = catalog.describe(table.id());
            described.add(found);
            Optional<Obstacle> privilege = checks.select(found);
            privilege.ifPresent(unreadable::add);
            if (logged) {
                throwFirst(checks.keyLogged(found).stream().toList());
            }
            if (privilege.isEmpty()) {
                throwFirst(checks.rowFilter(found).stream().toList());
            }
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
        return described;
    }

    private static void throwFirst(List<Obstacle> obstacles) {
        for (Obstacle obstacle : obstacles) {
            throw obstacle.toException();
        }
    }
}
