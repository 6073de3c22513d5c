package io.cdcsystem.source.database;

import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the Flink side may ask of a database.
 *
 * <p>The enumerator's calls come from its one I/O thread, the readers' from their fetcher thread; one instance serves one
 * of the two. All methods block, and throw {@link io.cdcsystem.schema.error.CdcException}.
 */
public interface Database extends AutoCloseable {

    /** The configured tables as the catalog has them now, ordered by name; fails where a name matches none. */
    List<TableSchema> discoverTables();

    /**
     * Checks that the server can be captured, creates what it needs for that (slot and publication) where absent, and
     * opens the first generation.
     */
    LogStart start(List<TableSchema> tables);

    /**
     * Checks before reading goes on that the stored epoch and token are still this server's and that its log still
     * reaches back to them: a gap is an error ({@code POSITION_LOST}).
     */
    void verify(SourceEpoch epoch, ResumeToken token);

    /** Opens a further generation of the initial snapshot for chunks that an earlier one left unread. */
    GenerationSession openGeneration(SourceEpoch epoch, ResumeToken logStart, int run, int number);

    /**
     * The next at most {@code chunksMax} chunks of a table; null where another session has it locked for more than a
     * moment, to be asked again behind other tables.
     *
     * @param after the last planned chunk; null to begin
     */
    @Nullable
    ChunkPlan planChunks(TableSchema table, @Nullable ChunkRange after, int rowsPerChunk, int chunksMax);

    /** The end of the log as of now: where a bounded run stops. */
    ResumeToken endOfLog();

    /** Opens a chunk under its generation's snapshot. */
    ChunkReader readChunk(SnapshotSplit split);

    /** Opens the log where the split stands. */
    LogReader readLog(LogSplit split);

    @Override
    void close();
}
