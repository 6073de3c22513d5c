package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The enumerator's calls to the database. They block: the I/O thread only, except {@link #close()}, which comes when that
 * thread has stopped.
 */
final class BlockingCalls implements AutoCloseable {
    /** Chunks planned by one call: short enough that other calls need not wait long for the one I/O thread. */
    static final int CHUNKS_PER_PLAN = 16;

    private static final Logger LOG = LoggerFactory.getLogger(BlockingCalls.class);

    private final Database database;
    private final SourceConfig config;
    /** Also those whose call was answered when nobody listened any more. */
    private final Set<GenerationSession> sessions = ConcurrentHashMap.newKeySet();

    BlockingCalls(Database database, SourceConfig config) {
        this.database = database;
        this.config = config;
    }

    /** What is fixed at the start of a capture. */
    record Begun(
            List<TableSchema> tables,
            LogStart start,
            @Nullable ResumeToken end) {}

    Begun begin() {
        List<TableSchema> tables = database.discoverTables();
        LogStart start = database.start(tables, new StartFrom.Snapshot(1, null));
        sessions.add(Objects.requireNonNull(start.session()));
        return new Begun(tables, start, config.logEnd().isBounded() ? endOfLog() : null);
    }

    ResumeToken endOfLog() {
        return database.endOfLog();
    }

    List<TableSchema> configured() {
        try {
            return database.discoverTables();
        } catch (CdcException e) {
            // A table that was dropped since has still its changes in the log; they must not be held up.
            if (e.code() == ErrorCode.TABLE_MISSING) {
                LOG.warn("The configuration names a table that is gone; the others go on", e);
                return List.of();
            }
            throw e;
        }
    }

    ResumeToken verify(SourceEpoch epoch, ResumeToken token) {
        database.verify(epoch, token);
        return token;
    }

    GenerationSession openGeneration(SourceEpoch epoch, ResumeToken logStart, int run, int number) {
        GenerationSession opened = database.openGeneration(epoch, logStart, number);
        sessions.add(opened);
        return opened;
    }

    Optional<ChunkPlan> plan(PlanRequest request) {
        return Optional.ofNullable(database.planChunks(
                request.table(), null, request.after(), config.snapshot().chunkSize(), CHUNKS_PER_PLAN));
    }

    int closeSession(GenerationSession session) {
        sessions.remove(session);
        session.close();
        return session.generation().number();
    }

    @Override
    public void close() {
        sessions.forEach(GenerationSession::close);
        database.close();
    }
}
