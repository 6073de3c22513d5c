package io.cdcsystem.source.postgres.pgoutput;

import org.jspecify.annotations.Nullable;

/** Receives decoded messages in the order of the stream; tuples hold until the callback returns. */
public interface PgOutputHandler {

    /**
     * A transaction begins.
     *
     * @param finalLsn LSN of its commit record
     * @param commitMicros commit time, microseconds since 1970-01-01 UTC
     * @param xid its id, unsigned 32 bits
     */
    void begin(long finalLsn, long commitMicros, int xid);

    /**
     * A transaction ends.
     *
     * @param commitLsn LSN of its commit record
     * @param endLsn LSN behind it
     * @param commitMicros commit time, microseconds since 1970-01-01 UTC
     */
    void commit(long commitLsn, long endLsn, long commitMicros);

    /** A table's layout, before its first change and whenever it changed. */
    void relation(RelationMessage relation);

    /** A type that is not built in, named before the relation that uses it. */
    void type(int oid, String namespace, String name);

    /** The transaction came from another server. */
    void origin(long lsn, String name);

    /**
     * A logical message.
     *
     * @param transactional whether it belongs to the open transaction; others come between transactions
     * @param lsn its place in the log
     * @param prefix what tells whose it is
     * @param array holds its content, until the callback returns
     * @param offset where the content begins
     * @param length how many bytes it has
     */
    void message(boolean transactional, long lsn, String prefix, byte[] array, int offset, int length);

    /** A row was inserted. */
    void insert(int relation, TupleView after);

    /**
     * A row was updated.
     *
     * @param before the old row or its key as far as it was logged; null where nothing was
     * @param keyOnly whether {@code before} carries the identity's columns only
     */
    void update(int relation, @Nullable TupleView before, boolean keyOnly, TupleView after);

    /** A row was deleted; {@code keyOnly} tells whether only the identity's columns are carried. */
    void delete(int relation, TupleView before, boolean keyOnly);

    /** Tables were truncated by one command. */
    void truncate(int[] relations, boolean cascade, boolean restartIdentity);
}
