package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.table.TableSchema;
import java.util.Set;

/**
 * A captured table as the log told it until some moment.
 *
 * @param version the version in force
 * @param oids the oids by which the log named it; none before its first message
 */
record StandingTable(TableSchema version, Set<Integer> oids) {

    /** Copies the oids. */
    StandingTable {
        oids = Set.copyOf(oids);
    }
}
