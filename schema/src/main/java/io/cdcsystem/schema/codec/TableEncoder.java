package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.template.DeleteTemplate;
import org.jspecify.annotations.Nullable;

/** Encodes the records of one table version. Compiled once per version; not thread-safe (one per operator instance). */
public interface TableEncoder {
    /**
     * The record key of a row: its key columns in the order of the key's definition; null for a table without primary
     * key. Refuses a row whose key columns were not all logged.
     */
    byte @Nullable [] key(Row row);

    /**
     * The key as the header converter writes it, for {@code __debezium.newkey} and {@code __debezium.oldkey}; the table
     * must have a primary key.
     */
    byte[] keyHeader(Row row);

    /**
     * The envelope. Operation and images are given apart from the event since a primary-key change becomes a delete and
     * a create.
     *
     * @param op what the envelope says
     * @param before the old row; null where the envelope has none
     * @param after the new row; null where the envelope has none. Its UNCHANGED fields are taken from {@code before} or
     *     else from the event's old row where that has them
     * @param event what {@code source} describes
     * @param nowMicros the connector's clock, microseconds since 1970-01-01 UTC
     */
    byte[] value(Op op, @Nullable Row before, @Nullable Row after, SourceEvent event, long nowMicros);

    /**
     * The delete of a row of which nothing but the record key is known, as {@link #value} writes it under the default
     * replica identity; the table must have a primary key.
     *
     * @param event what {@code source} describes
     * @param nowMicros the connector's clock, microseconds since 1970-01-01 UTC
     */
    DeleteTemplate deletes(SnapshotCompleted event, long nowMicros);
}
