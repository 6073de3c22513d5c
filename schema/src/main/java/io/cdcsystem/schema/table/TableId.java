package io.cdcsystem.schema.table;

import java.io.Serializable;
import java.util.Objects;

/**
 * A table's full name.
 *
 * @param database the database (PostgreSQL) or server-wide database name (MySQL)
 * @param schema the schema; empty where the database system has none (MySQL)
 * @param name the table's own name
 */
public record TableId(String database, String schema, String name) implements Serializable, Comparable<TableId> {

    /** Rejects missing parts. */
    public TableId {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(schema, "schema");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a table's name is never empty");
        }
    }

    /** The namespace that stands before the table in topic names: the schema, or the database where there is none. */
    public String namespace() {
        return schema.isEmpty() ? database : schema;
    }

    @Override
    public int compareTo(TableId other) {
        int byDatabase = database.compareTo(other.database);
        if (byDatabase != 0) {
            return byDatabase;
        }
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    /** {@code schema.table}, as people write it in the configuration. */
    @Override
    public String toString() {
        return namespace() + "." + name;
    }
}
