package io.cdcsystem.source.database;

/** The transactions that were open at one moment. Used from the enumerator's I/O thread only. */
public interface OpenTransactions {

    /** Whether all of them have ended; asks the server, does not wait. */
    boolean haveEnded();
}
