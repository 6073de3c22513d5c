package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;

/**
 * What a source reader hands to the schema operator, in the order of the log.
 *
 * <p>Every event carries the table version that its rows are laid out in, so a DDL in the middle of a transaction needs
 * no event of its own to be told apart.
 */
public sealed interface SourceEvent permits RowChange, TableTruncated, SnapshotCompleted, VersionAdmitted {

    /** The table version that the event belongs to. */
    TableSchema table();

    /** What deduplication compares. */
    Position position();

    /** What the event's transaction shares. */
    TransactionInfo transaction();

    /** The log's own offset of this record (PostgreSQL: LSN of the message); for the envelope, never for comparing. */
    long recordOffset();
}
