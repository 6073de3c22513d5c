package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PgFailures;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.postgres.type.PgTypeCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Resolves types on a connection of its own, opened when the first relation needs one: the replication connection answers
 * no queries while it streams. Belongs to the fetcher thread.
 */
final class CatalogTypes implements TypeResolver, AutoCloseable {
    private static final int VALIDATION_SECONDS = 5;

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
            Connection opened = connections.query();
            connection = opened;
            open = new PgTypeCatalog(opened);
            catalog = open;
        }
        return open.resolve(oid, typmod);
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
