package io.cdcsystem.source.split;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of a table to be read under a generation's snapshot.
 *
 * @param table the table as of the snapshot
 * @param chunk counts the table's chunks within its run, from 0
 * @param range which rows
 * @param condition which of these are asked for, in SQL; null for all
 * @param storage what the table's rows were stored in when its run began, where other chunks of it were read under an older
 *     generation: rows in another storage do not go with theirs. Null where there is nothing to compare
 * @param generation under which snapshot
 * @param snapshotName how the reader imports it
 */
public record SnapshotSplit(
        TableSchema table,
        int chunk,
        ChunkRange range,
        @Nullable String condition,
        @Nullable String storage,
        Generation generation,
        String snapshotName)
        implements CdcSplit {

    /** {@code snapshot:schema.table:run:chunk}. */
    @Override
    public String splitId() {
        return "snapshot:" + table.id() + ":" + generation.run() + ":" + chunk;
    }
}
