package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Generation;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL's {@code source} block says of a transaction, in every format alike. */
final class PostgresSource {
    private static final long XID_MASK = 0xFFFF_FFFFL;

    private PostgresSource() {}

    /**
     * The generation of what a snapshot says, null for changes of the log. Debezium calls the first run of a table the
     * snapshot and every later one incremental.
     */
    static @Nullable Generation reading(SourceEvent event) {
        if (event instanceof RowChange change) {
            return change.generation();
        }
        return event instanceof SnapshotCompleted completed ? completed.generation() : null;
    }

    /** The first half of {@code sequence}; 0 for none, as in all that a snapshot says. */
    static long previousCommit(@Nullable Generation reading, TransactionInfo transaction) {
        return reading == null ? transaction.previousCommit() : 0;
    }

    /** The 32-bit transaction id that Debezium's consumers know; 0 for none. */
    static long xid(TransactionInfo transaction) {
        return transaction.id() & XID_MASK;
    }
}
