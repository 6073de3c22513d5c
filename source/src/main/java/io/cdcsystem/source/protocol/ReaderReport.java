package io.cdcsystem.source.protocol;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.split.FinishedChunk;
import org.apache.flink.api.connector.source.SourceEvent;

/** A reader tells the enumerator. */
public sealed interface ReaderReport extends SourceEvent {

    /**
     * All rows of a chunk are emitted.
     *
     * @param chunk which one
     * @param bytes the rows' bytes
     * @param millis how long reading took
     */
    record ChunkFinished(FinishedChunk chunk, long bytes, long millis) implements ReaderReport {}

    /**
     * A chunk could not be read to its end.
     *
     * @param table the chunk's table
     * @param run the run that it belongs to
     * @param chunk its number within the run
     * @param generation the number of the generation that it was to be read under
     * @param reason what kind of reason there is
     * @param why what the database said
     */
    record ChunkRefused(TableId table, int run, int chunk, int generation, RefusalReason reason, String why)
            implements ReaderReport {}

    /**
     * From the log's position on, the tables of that request are published.
     *
     * @param revision of the request
     */
    record TablesCaptured(int revision) implements ReaderReport {}

    /**
     * The request's sweep is emitted, behind everything that the run saw.
     *
     * @param table the swept table
     * @param run the run that it was swept for
     */
    record TableSwept(TableId table, int run) implements ReaderReport {}

    /** Every change before the end of the log is emitted. */
    record LogEndReached() implements ReaderReport {}

    /**
     * A signal came with the log.
     *
     * @param signal which one
     */
    record SignalArrived(LogSignal signal) implements ReaderReport {}

    /**
     * Events wait for a ruling on this change; the enumerator answers with {@link SchemaReply.Ruled} when there is one.
     *
     * @param change what happened to the table
     * @param position where in the log it did
     * @param transaction of the change
     */
    record VersionAsked(TableChange change, Position position, TransactionInfo transaction) implements ReaderReport {}

    /**
     * Nothing waits for that ruling any more.
     *
     * @param change as asked
     * @param position as asked
     */
    record VersionWithdrawn(TableChange change, Position position) implements ReaderReport {}
}
