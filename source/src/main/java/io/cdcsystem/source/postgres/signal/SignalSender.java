package io.cdcsystem.source.postgres.signal;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.catalog.PublishedTables;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import io.cdcsystem.source.postgres.slot.ReplicationSlot;
import io.cdcsystem.source.postgres.slot.SlotState;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalEnvelope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes signals into the log as transactional logical messages: that takes no table and no privilege to write, and whoever
 * may connect to the database may do it. Belongs to one thread.
 */
public final class SignalSender implements AutoCloseable {
    private static final String PREFIX = "cdc.signal:";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final PgConnections connections;
    private final Connection connection;

    /** Connects to the configured database. */
    public SignalSender(PostgresConfig config) {
        this.connections = new PgConnections(config);
        this.connection = connections.query();
    }

    /** The prefix of logical messages for the pipeline that reads from that slot, and for no other. */
    public static String messagePrefix(String slotName) {
        return PREFIX + slotName;
    }

    /** The configured signal table; null where there is none. */
    public static @Nullable TableId signalTable(PostgresConfig config) {
        String name = config.signalTable();
        if (name == null) {
            return null;
        }
        int dot = name.indexOf('.');
        if (dot <= 0 || dot == name.length() - 1) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "the signal table '" + name + "' is not of the form schema.table; write for example"
                            + " public.debezium_signal");
        }
        return new TableId(config.database(), name.substring(0, dot), name.substring(dot + 1));
    }

    /** The pipeline's slot; empty where there is none. */
    public Optional<SlotState> slot() {
        try {
            return new ReplicationSlot(connections).state(connection);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "looking for the replication slot");
        }
    }

    /** The tables that the database has. */
    public List<TableId> tables() {
        PostgresConfig config = connections.config();
        return new TableCatalog(connection, config).names();
    }

    /** The tables that the publication publishes: a pipeline may have added some by a signal. */
    public List<TableId> published() {
        PostgresConfig config = connections.config();
        try {
            return List.copyOf(PublishedTables.of(connection, config.database(), config.publicationName()));
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "reading the publication");
        }
    }

    /** Of some tables those that the configuration means. */
    public List<TableId> configured(List<TableId> tables) {
        List<TablePattern> patterns =
                connections.config().tables().stream().map(TablePattern::parse).toList();
        return tables.stream()
                .filter(table -> patterns.stream().anyMatch(pattern -> pattern.matches(table)))
                .toList();
    }

    /** Lets the server look at a condition on a table's rows, reading none; an error says what is wrong with it. */
    public void checkCondition(TableId table, String condition) {
        // On lines of its own, so that a comment at the condition's end swallows nothing.
        String sql = "EXPLAIN SELECT 1 FROM " + SqlText.tables(List.of(table)) + " WHERE (\n" + condition + "\n)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        } catch (SQLException e) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "the condition does not fit " + table + ": " + e.getMessage()
                            + "; write what could stand behind WHERE in a query of that table",
                    e);
        }
    }

    /** Sends a signal in a transaction of its own; returns its place in the log. */
    public String send(Signal signal) {
        String slot = connections.config().slotName();
        if (isStandby()) {
            throw refused("it is a standby", null);
        }
        try (Statement statement = connection.createStatement();
                PreparedStatement emit =
                        connection.prepareStatement("SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)::text")) {
            // Flushed when it returns, whatever the role's default; a synchronous standby is not waited for.
            statement.execute("SET synchronous_commit TO local");
            emit.setString(1, messagePrefix(slot));
            emit.setString(2, SignalEnvelope.write(signal));
            try (ResultSet row = emit.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the server did not say where the signal is");
                }
                return row.getString(1);
            }
        } catch (SQLException e) {
            if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw refused(String.valueOf(e.getMessage()), e);
            }
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "sending signal " + signal.id());
        }
    }

    private boolean isStandby() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_is_in_recovery()")) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "asking the server for its role");
        }
    }

    private CdcException refused(String why, @Nullable SQLException cause) {
        return new CdcException(
                ErrorCode.PRIVILEGE_MISSING,
                "this server takes no signal from " + connections.config().username() + ": " + why
                        + "; send it through Kafka instead: set signal.kafka.topic and use --via-kafka",
                cause);
    }

    @Override
    public void close() {
        PgConnections.close(connection);
    }
}
