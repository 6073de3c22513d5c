package io.cdcsystem.source.database;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the Flink side may ask of a database.
 *
 * <p>The enumerator's calls come from its one I/O thread, the readers' from their fetcher thread; one instance serves one
 * of the two. All methods block, and throw {@link io.cdcsystem.schema.error.CdcException}.
 */
public interface Database extends AutoCloseable {

    /**
     * The configured tables as the catalog has them now, in the order of the configuration and, within one pattern, by
     * name; fails where a pattern matches none.
     */
    List<TableSchema> discoverTables();

    /** The tables that could be captured, configured or not, as the catalog has them now: those that are wanted. */
    List<TableSchema> findTables(Predicate<TableId> wanted);

    /**
     * Checks that the server can be captured, creates what it needs for that (slot and publication) where absent, and
     * opens the first generation where a snapshot is asked for.
     */
    LogStart start(List<TableSchema> tables, StartFrom from);

    /** Has the log publish these tables, from some point on that is not known: see {@link #openTransactions()}. */
    void publish(List<TableSchema> tables);

    /**
     * Of these tables, which were published once, those that the catalog has and the log does not publish: another table has
     * taken the name since, or somebody has taken it out of what is published.
     */
    List<TableSchema> unpublished(List<TableId> tables);

    /**
     * The transactions that are open now. Once they have ended, every later change of a table that was published before
     * is in the log.
     */
    OpenTransactions openTransactions();

    /**
     * Checks before reading goes on that the stored epoch and token are still this server's and that its log still
     * reaches back to them: a gap is an error ({@code POSITION_LOST}).
     */
    void verify(SourceEpoch epoch, ResumeToken token);

    /**
     * Opens a further generation.
     *
     * @param logStart where the log will begin, whose every change stands above the generation's rows; null where it is
     *     read already: then the rows stand below every change that the snapshot does not see
     */
    GenerationSession openGeneration(SourceEpoch epoch, @Nullable ResumeToken logStart, int number);

    /**
     * The next at most {@code chunksMax} chunks of a table; null where another session has it locked for more than a
     * moment, to be asked again behind other tables.
     *
     * @param condition which rows are asked for, in SQL; null for all
     * @param after the last planned chunk; null to begin
     */
    @Nullable
    ChunkPlan planChunks(
            TableSchema table, @Nullable String condition, @Nullable ChunkRange after, int rowsPerChunk, int chunksMax);

    /** The end of the log as of now: where a bounded run stops. */
    ResumeToken endOfLog();

    /** Opens a chunk under its generation's snapshot. */
    ChunkOpening readChunk(SnapshotSplit split);

    /** No chunk is to be read soon: lets go of the snapshot, and the locks, that were held for the next one. */
    void releaseSnapshot();

    /** Whether the configuration names this table. */
    boolean names(TableId table);

    /** Opens the log where the split stands. */
    LogReader readLog(LogSplit split);

    /** Ends a chunk's reading that is under way, with an error for whoever reads. Any thread: called before closing. */
    void abort();

    @Override
    void close();
}
