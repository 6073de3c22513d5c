package io.cdcsystem.schema.event;

import java.io.Serializable;

/**
 * What all changes of one transaction share.
 *
 * @param id the transaction id, 64 bits wide (PostgreSQL: epoch-extended xid)
 * @param commit its place in commit order (PostgreSQL: LSN of the commit record)
 * @param previousCommit the place of the transaction that was delivered before it, 0 where none was
 * @param commitMicros commit time of the database's clock, microseconds since 1970-01-01 UTC; for snapshot rows the time
 *     of reading
 */
public record TransactionInfo(long id, long commit, long previousCommit, long commitMicros) implements Serializable {}
