package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.DatabaseConfig;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL database is and what of it is captured.
 *
 * @param hostname host of the primary
 * @param port its port
 * @param database the database to capture; a slot belongs to one
 * @param username a role with REPLICATION and SELECT on the tables
 * @param password its password; never printed
 * @param tables which tables: {@code schema.table}, each part a regular expression that matches in full
 * @param slotName the replication slot's name
 * @param publicationName the publication's name
 * @param connectionProperties further pgjdbc properties ({@code sslmode} …)
 * @param select what of single tables is captured; tables that are not named are captured as a whole
 * @param signalTable the table whose inserted rows are signals, {@code schema.table}; null for none
 */
public record PostgresConfig(
        String hostname,
        int port,
        String database,
        String username,
        String password,
        List<String> tables,
        String slotName,
        String publicationName,
        Map<String, String> connectionProperties,
        List<TableSelect> select,
        @Nullable String signalTable)
        implements DatabaseConfig {

    /** Copies the collections. */
    public PostgresConfig {
        tables = List.copyOf(tables);
        connectionProperties = Map.copyOf(connectionProperties);
        select = List.copyOf(select);
    }

    /** What of that table is captured; null for all of it. */
    public @Nullable TableSelect selectOf(TableId table) {
        for (TableSelect candidate : select) {
            if (candidate.table().equals(table.toString())) {
                return candidate;
            }
        }
        return null;
    }

    @Override
    public String connectorName() {
        return "postgresql";
    }

    @Override
    public Database open() {
        return new PostgresDatabase(this);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PostgresConfig[" + username + "@" + hostname + ":" + port + "/" + database + ", slot " + slotName + "]";
    }
}
