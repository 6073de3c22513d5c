package io.cdcsystem.source.protocol;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import org.apache.flink.api.connector.source.SourceEvent;
import org.jspecify.annotations.Nullable;

/** The enumerator tells a reader how table versions are published. */
public sealed interface SchemaReply extends SourceEvent {

    /**
     * A version that the reader is going to need with what is assigned to it next.
     *
     * @param table the version
     * @param admission how its rows are published
     */
    record Known(TableSchema table, Admission admission) implements SchemaReply {}

    /**
     * The answer to {@link ReaderReport.VersionAsked}: what waits behind that change may go on.
     *
     * @param change as asked
     * @param position as asked
     * @param admission how the rows of the version behind the change are published; null where the table was dropped
     */
    record Ruled(
            TableChange change, Position position, @Nullable Admission admission) implements SchemaReply {}
}
