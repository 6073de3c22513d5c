package io.cdcsystem.source.split;

import io.cdcsystem.schema.table.TableId;
import java.io.Serializable;
import java.util.Objects;

/**
 * A chunk whose rows a reader has emitted. It is kept in the reader's state, although there is nothing left to read, until
 * a checkpoint holds it: the enumerator's part of a checkpoint is taken before the reader's, so that a chunk finished
 * between the two is known to be finished by the reader alone.
 *
 * @param table the chunk's table
 * @param run the run that the chunk belongs to
 * @param chunk its number within the run
 * @param rows how many rows were emitted
 */
public record FinishedChunk(TableId table, int run, int chunk, long rows) implements CdcSplit, Serializable {

    /** Rejects numbers that are not counted. */
    public FinishedChunk {
        Objects.requireNonNull(table, "table");
        if (run < 1 || chunk < 0 || rows < 0) {
            throw new IllegalArgumentException("run " + run + ", chunk " + chunk + ", rows " + rows);
        }
    }

    @Override
    public String splitId() {
        return "finished:" + table + ":" + run + ":" + chunk;
    }
}
