package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.protocol.ReaderReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to chunks that could not be planned or read, each for its reason. Coordinator thread only. */
final class ChunkRefusals {
    /** Generations in a row under which no chunk could be opened: then it is not the snapshots' fault. */
    private static final int REFUSING_GENERATIONS_MAX = 3;

    private static final Logger LOG = LoggerFactory.getLogger(ChunkRefusals.class);

    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final SnapshotSessions sessions;
    private int refusedGeneration;
    private int refusingGenerations;

    ChunkRefusals(SplitAssigner assigner, BlockingCalls calls, AsyncCalls async, SnapshotSessions sessions) {
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
        this.sessions = sessions;
    }

    /** A chunk was read: the generations serve. */
    void chunkRead() {
        refusingGenerations = 0;
    }

    /** A table could not be cut into chunks. */
    void planRefused(PlanRequest request, CdcException error) {
        if (request.condition() == null || error.code() != ErrorCode.CONDITION_REJECTED) {
            throw error;
        }
        giveUp(request.table().id(), request.run(), String.valueOf(error.getMessage()));
    }

    /** A reader could not read a chunk. */
    void refused(ReaderReport.ChunkRefused refused) {
        TableId table = refused.table();
        assigner.chunkRefused(table, refused.run(), refused.chunk());
        LOG.warn(
                "Chunk {} of {} cannot be read under generation {}: {}",
                refused.chunk(),
                table,
                refused.generation(),
                refused.why());
        switch (refused.reason()) {
            case SNAPSHOT_GONE -> snapshotGone(refused);
            case TABLE_CHANGED -> tableChanged(table, refused.run());
            case CONDITION_REJECTED -> giveUp(table, refused.run(), refused.why());
        }
    }

    private void giveUp(TableId table, int run, String why) {
        assigner.tables().giveUp(table, run);
        LOG.error("The ordered snapshot of {} is given up; what was published of it stays: {}", table, why);
    }

    private void tableChanged(TableId table, int run) {
        async.check(() -> calls.find(table::equals), found -> {
            assigner.tables().changed(table, run, found.isEmpty() ? null : found.get(0));
            LOG.warn(found.isEmpty() ? "{} is gone" : "{} is read again from its beginning", table);
        });
    }

    private void snapshotGone(ReaderReport.ChunkRefused refused) {
        if (refused.generation() > refusedGeneration) {
            refusedGeneration = refused.generation();
            refusingGenerations++;
        }
        if (refusingGenerations > REFUSING_GENERATIONS_MAX) {
            throw new CdcException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "no chunk could be read under " + refusingGenerations
                            + " database snapshots in a row, the last error is: " + refused.why()
                            + "; check that every connection reaches the same server");
        }
        sessions.gone(refused.generation());
    }
}
