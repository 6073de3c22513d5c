package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
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

    private final PostgresConfig config;
    private @Nullable Connection connection;
    private @Nullable PgTypeCatalog catalog;

    CatalogTypes(PostgresConfig config) {
        this.config = config;
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
            throw unreachable(e);
        }
    }

    @Override
    public PgType resolve(int oid, int typmod) {
        PgTypeCatalog open = catalog;
        if (open == null) {
            try {
                Connection opened = PgConnections.sql(config);
                connection = opened;
                open = new PgTypeCatalog(opened);
                catalog = open;
            } catch (SQLException e) {
                throw unreachable(e);
            }
        }
        return open.resolve(oid, typmod);
    }

    private CdcException unreachable(SQLException e) {
        return new CdcException(
                ErrorCode.DATABASE_UNREACHABLE,
                "no connection to read the catalog of " + config.hostname() + ":" + config.port() + "/"
                        + config.database() + ": " + e.getMessage() + "; check the server and its connection limit",
                e);
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        catalog = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                // It is gone either way, and nothing was to be saved.
            }
        }
    }
}
