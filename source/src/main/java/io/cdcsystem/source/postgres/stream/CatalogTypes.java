package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.catalog.ServerConstants;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.postgres.type.PgTypeCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up types, defaults and tables on a connection of its own, opened when the first relation needs one: the replication connection answers
 * no queries while it streams. Belongs to the fetcher thread.
 */
final class CatalogTypes implements TypeResolver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogTypes.class);
    private static final int VALIDATION_SECONDS = 5;
    private static final int LOOK_SECONDS = 5;
    private static final String TABLES = "SELECT n.nspname, c.relname, c.oid::bigint FROM pg_catalog.pg_class c"
            + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
            + " AND ((n.nspname, c.relname) IN (SELECT s, t FROM unnest(?::text[], ?::text[]) u(s, t))"
            + " OR c.oid IN (SELECT o::oid FROM unnest(?::bigint[]) o))";

    private final PgConnections connections;
    private @Nullable Connection connection;
    private @Nullable PgTypeCatalog catalog;

    CatalogTypes(PostgresConfig config) {
        this.connections = new PgConnections(config);
    }

    @Override
    public void refresh() {
        if (catalog != null) {
            catalog.forgetUserTypes();
        }
        try {
            // It may have idled for days, and relations are rare enough to ask.
            if (connection != null && !connection.isValid(VALIDATION_SECONDS)) {
                close();
            }
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "looking at the catalog's connection");
        }
    }

    @Override
    public PgType resolve(int oid, int typmod) {
        PgTypeCatalog open = catalog;
        if (open == null) {
            open = new PgTypeCatalog(connection());
            catalog = open;
        }
        return open.resolve(oid, typmod);
    }

    @Override
    public List<@Nullable FieldValue> constants(List<String> expressions, List<PgType> types) {
        try {
            return ServerConstants.evaluate(connection(), expressions, types);
        } catch (SQLException all) {
            List<@Nullable FieldValue> values = new ArrayList<>();
            for (int i = 0; i < expressions.size(); i++) {
                values.add(constant(expressions.get(i), types.get(i)));
            }
            return values;
        }
    }

    private @Nullable FieldValue constant(String expression, PgType type) {
        try {
            return ServerConstants.evaluate(connection(), List.of(expression), List.of(type))
                    .get(0);
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("08") || state.startsWith("57P")) {
                throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "evaluating the default " + expression);
            }
            // The catalog is ahead of the log: a label or a type may be gone by now.
            LOG.warn("The default {} cannot be evaluated any more, and is left out: {}", expression, e.getMessage());
            return null;
        }
    }

    /**
     * Looks for tables.
     *
     * @param tables as the log told them until now
     */
    CatalogLook look(Map<TableId, StandingTable> tables) {
        refresh();
        List<TableId> ids = List.copyOf(tables.keySet());
        List<Long> known = new ArrayList<>();
        tables.values().forEach(table -> table.oids().forEach(oid -> known.add(Integer.toUnsignedLong(oid))));
        Map<TableId, Integer> found = new HashMap<>();
        Set<Integer> alive = new HashSet<>();
        Connection asked = connection();
        try (PreparedStatement statement = asked.prepareStatement(TABLES)) {
            statement.setQueryTimeout(LOOK_SECONDS);
            statement.setArray(
                    1,
                    asked.createArrayOf(
                            "text", ids.stream().map(TableId::schema).toArray()));
            statement.setArray(
                    2,
                    asked.createArrayOf("text", ids.stream().map(TableId::name).toArray()));
            statement.setArray(3, asked.createArrayOf("int8", known.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    int oid = (int) rows.getLong(3);
                    alive.add(oid);
                    TableId id = new TableId(connections.config().database(), rows.getString(1), rows.getString(2));
                    if (tables.containsKey(id)) {
                        found.put(id, oid);
                    }
                }
            }
            Map<TableId, StandingTable> gone = new HashMap<>(tables);
            gone.keySet().removeAll(found.keySet());
            gone.values().removeIf(table -> table.oids().stream().anyMatch(alive::contains));
            return new CatalogLook(found, gone, gone.isEmpty() ? 0 : endOfLog(asked));
        } catch (SQLException e) {
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, "looking for captured tables in the catalog");
        }
    }

    private static long endOfLog(Connection asked) throws SQLException {
        try (Statement statement = asked.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_current_wal_insert_lsn()::text")) {
            if (!row.next()) {
                throw new SQLException("the server did not say where its log ends");
            }
            return PgResumeToken.parse(row.getString(1)).lsn();
        }
    }

    private Connection connection() {
        Connection open = connection;
        if (open == null) {
            open = connections.query();
            connection = open;
        }
        return open;
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        catalog = null;
        if (open != null) {
            PgConnections.close(open);
        }
    }
}
