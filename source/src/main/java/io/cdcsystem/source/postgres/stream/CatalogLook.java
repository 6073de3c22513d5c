package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.table.TableId;
import java.util.Map;

/**
 * What the catalog said of some tables.
 *
 * @param oids those that are there
 * @param gone those that are not, under any name, as the log had told them at the moment of the look
 * @param lsn the log's end at or behind the moment of the look: what the look showed was committed before it
 */
record CatalogLook(Map<TableId, Integer> oids, Map<TableId, StandingTable> gone, long lsn) {

    /** Copies the collections. */
    CatalogLook {
        oids = Map.copyOf(oids);
        gone = Map.copyOf(gone);
    }
}
