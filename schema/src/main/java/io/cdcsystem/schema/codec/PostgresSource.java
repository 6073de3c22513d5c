package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.TransactionInfo;

/** What PostgreSQL's {@code source} block says of a transaction, in every format alike. */
final class PostgresSource {
    private static final long XID_MASK = 0xFFFF_FFFFL;

    private PostgresSource() {}

    /** The first half of {@code sequence}; 0 for none, as in every snapshot row. */
    static long previousCommit(Op op, TransactionInfo transaction) {
        return op == Op.READ ? 0 : transaction.previousCommit();
    }

    /** The 32-bit transaction id that Debezium's consumers know; 0 for none. */
    static long xid(TransactionInfo transaction) {
        return transaction.id() & XID_MASK;
    }
}
