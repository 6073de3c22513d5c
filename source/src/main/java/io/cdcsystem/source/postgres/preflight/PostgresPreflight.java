package io.cdcsystem.source.postgres.preflight;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.Obstacle;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.ddl.DdlTriggers;
import io.cdcsystem.source.postgres.slot.Publication;
import io.cdcsystem.source.postgres.slot.ReplicationSlot;
import io.cdcsystem.source.postgres.slot.SlotState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks a server before a pipeline is started on it; changes nothing. Stateless; any thread. */
public final class PostgresPreflight {
    private static final String COMPONENT = "postgres";

    private final List<Finding> findings = new ArrayList<>();
    private final PostgresConfig config;
    private final StartFrom from;

    private PostgresPreflight(PostgresConfig config, StartFrom from) {
        this.config = config;
        this.from = from;
    }

    /** All findings for a capture from the snapshot on, the good ones too; never throws. */
    public static List<Finding> run(PostgresConfig config) {
        return run(config, new StartFrom.Snapshot(1, null));
    }

    /** All findings for a capture that begins there, the good ones too; never throws. */
    public static List<Finding> run(PostgresConfig config, StartFrom from) {
        PostgresPreflight preflight = new PostgresPreflight(config, from);
        String server = config.hostname() + ":" + config.port() + "/" + config.database();
        Connection connection = null;
        try {
            connection = new PgConnections(config).query();
            preflight.ok("connection", "connected to " + server + " as " + config.username());
            preflight.check(connection);
        } catch (CdcException e) {
            preflight.error(connection == null ? "connection" : "server", e);
        } catch (SQLException | RuntimeException e) {
            preflight.findings.add(new Finding(
                    Severity.ERROR,
                    COMPONENT,
                    "server",
                    "a check failed: " + e.getMessage(),
                    "mend what the message names, then check again"));
        } finally {
            if (connection != null) {
                PgConnections.close(connection);
            }
        }
        return List.copyOf(preflight.findings);
    }

    private void check(Connection connection) throws SQLException {
        ServerChecks checks = new ServerChecks(connection, config.username());
        boolean logged = !(from instanceof StartFrom.SnapshotOnly);
        List<Obstacle> obstacles = logged ? checks.obstacles() : checks.snapshotObstacles();
        obstacles.forEach(found -> findings.add(found.toFinding()));
        if (obstacles.isEmpty()) {
            ok(
                    "server",
                    logged
                            ? "version, wal_level and the role's REPLICATION attribute are good"
                            : "the version is good; a snapshot alone takes neither wal_level nor REPLICATION");
        }
        if (logged) {
            log(connection, checks);
        }
        List<PgTable> tables = tables(connection);
        for (PgTable table : tables) {
            table(table, checks, logged);
        }
        ServerChecks.selectedElsewhere(config.select(), tables).ifPresent(found -> findings.add(found.toFinding()));
        if (!tables.isEmpty() && logged) {
            publication(connection, withSignals(connection, tables), checks);
        }
        if (logged) {
            findings.add(DdlChecks.finding(new DdlTriggers(connection).state()));
        }
    }

    private List<PgTable> withSignals(Connection connection, List<PgTable> tables) {
        List<PgTable> all = new ArrayList<>(tables);
        try {
            new TableCatalog(connection, config)
                    .signalTable()
                    .filter(signals -> tables.stream().noneMatch(table -> table.oid() == signals.oid()))
                    .ifPresent(all::add);
        } catch (CdcException e) {
            error("signal.data.collection", e);
        }
        return all;
    }

    private void log(Connection connection, ServerChecks checks) throws SQLException {
        SlotState slot = slot(connection);
        List<Obstacle> full = checks.headroom(slot != null);
        full.forEach(found -> findings.add(found.toFinding()));
        if (full.isEmpty()) {
            ok("headroom", "a replication slot and a walsender are to be had");
        }
    }

    private @Nullable SlotState slot(Connection connection) throws SQLException {
        ReplicationSlot slot;
        try {
            slot = new ReplicationSlot(new PgConnections(config));
        } catch (CdcException e) {
            error("slot", e);
            return null;
        }
        SlotState state = slot.state(connection).orElse(null);
        if (state == null && from instanceof StartFrom.At) {
            findings.add(slot.absent().toFinding());
            return null;
        }
        if (state == null) {
            ok(config.slotName(), "the replication slot is not there yet and will be created");
            return null;
        }
        Optional<Obstacle> obstacle = state.obstacle(config.database()).or(state::taken);
        if (obstacle.isEmpty() && from instanceof StartFrom.At at) {
            obstacle = state.outOfReach(
                    PgResumeToken.parse(at.position()).lsn(),
                    new ServerChecks(connection, config.username()).endOfLog());
        }
        if (obstacle.isPresent()) {
            findings.add(obstacle.get().toFinding());
        } else {
            ok(config.slotName(), "the replication slot is there and free");
        }
        return state;
    }

    /** Pattern by pattern, so that one that matches nothing does not hide what the others would show. */
    private List<PgTable> tables(Connection connection) {
        TableCatalog catalog = new TableCatalog(connection, config);
        List<String> matching = new ArrayList<>();
        for (String pattern : config.tables()) {
            try {
                int count = catalog.discover(List.of(pattern)).size();
                ok(pattern, count == 1 ? "matches 1 table" : "matches " + count + " tables");
                matching.add(pattern);
            } catch (CdcException e) {
                error(pattern, e);
            }
        }
        if (config.tables().isEmpty()) {
            findings.add(new Finding(
                    Severity.ERROR, COMPONENT, "tables", "no tables are configured", "list at least one schema.table"));
        }
        return matching.isEmpty() ? List.of() : catalog.discover(matching);
    }

    private void table(PgTable table, ServerChecks checks, boolean logged) throws SQLException {
        TableId id = table.schema().id();
        String alter = "ALTER TABLE " + SqlText.table(id);
        Optional<Obstacle> unreadable = checks.select(table);
        unreadable.ifPresent(found -> findings.add(found.toFinding()));
        Optional<Obstacle> keyUnknown = logged ? checks.keyLogged(table) : Optional.empty();
        keyUnknown.ifPresent(found -> findings.add(found.toFinding()));
        Optional<Obstacle> filter = unreadable.isEmpty() ? checks.rowFilter(table) : Optional.empty();
        filter.ifPresent(found -> findings.add(found.toFinding()));
        boolean good = unreadable.isEmpty() && keyUnknown.isEmpty() && filter.isEmpty();
        if (!table.schema().hasPrimaryKey()) {
            good = false;
            findings.add(new Finding(
                    Severity.WARNING,
                    COMPONENT,
                    id.toString(),
                    id + " has no primary key: its records have no key, and repeats cannot be told apart",
                    alter + " ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"));
        }
        boolean defaultWithoutKey = table.replicaIdentity() == 'd' && !table.declaredKey();
        if (logged && (table.replicaIdentity() == 'n' || defaultWithoutKey)) {
            good = false;
            findings.add(new Finding(
                    Severity.ERROR,
                    COMPONENT,
                    id.toString(),
                    defaultWithoutKey
                            ? id
                                    + " has no primary key to identify its rows by: once published, the server refuses every "
                                    + "UPDATE and DELETE on it"
                            : id + " has REPLICA IDENTITY NOTHING: once published, the server refuses every UPDATE and "
                                    + "DELETE on it",
                    alter + " REPLICA IDENTITY " + (table.declaredKey() ? "DEFAULT;" : "FULL;")));
        }
        if (good) {
            ok(
                    id.toString(),
                    !logged
                            ? "can be read"
                            : table.replicaIdentity() == 'f'
                                    ? "replica identity FULL: before images are whole"
                                    : "replica identity by key: before images of updates and deletes carry the key only");
        }
    }

    private void publication(Connection connection, List<PgTable> tables, ServerChecks checks) throws SQLException {
        String name = config.publicationName();
        Publication publication = new Publication(connection, config);
        boolean exists = publication.exists();
        Optional<Obstacle> obstacle = publication.obstacle(tables);
        List<PgTable> missing = publication.missing(tables);
        if (obstacle.isPresent()) {
            findings.add(obstacle.get().toFinding());
        } else if (missing.isEmpty()) {
            ok(name, "the publication publishes all " + tables.size() + " tables");
        } else if (exists) {
            findings.add(new Finding(
                    Severity.ERROR,
                    COMPONENT,
                    name,
                    "the publication lacks "
                            + missing.stream().map(table -> table.schema().id()).toList(),
                    publication.statement(missing, true)));
        } else if (mayCreate(tables, checks)) {
            Optional<Obstacle> refused = publication.trial(missing, false);
            refused.ifPresent(found -> findings.add(found.toFinding()));
            if (refused.isEmpty()) {
                ok(name, "the publication is not there yet and will be created");
            }
        } else {
            findings.add(new Finding(
                    Severity.ERROR,
                    COMPONENT,
                    name,
                    "the publication does not exist, and role " + config.username()
                            + " may not create it: it takes CREATE on the database and owning every table",
                    publication.statement(missing, false)));
        }
    }

    private static boolean mayCreate(List<PgTable> tables, ServerChecks checks) throws SQLException {
        for (PgTable table : tables) {
            if (!checks.owns(table)) {
                return false;
            }
        }
        return checks.mayCreateInDatabase();
    }

    private void ok(String subject, String message) {
        findings.add(new Finding(Severity.OK, COMPONENT, subject, message, null));
    }

    /** An error's message ends with its remedy, behind the last semicolon. */
    private void error(String subject, CdcException e) {
        String message = String.valueOf(e.getMessage());
        int remedy = message.lastIndexOf("; ");
        findings.add(new Finding(
                Severity.ERROR,
                COMPONENT,
                subject,
                remedy < 0 ? message : message.substring(0, remedy),
                remedy < 0 ? "mend what the message names" : message.substring(remedy + 2)));
    }
}
