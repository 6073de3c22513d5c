package io.cdcsystem.testbed;

/** Where a server runs: a child process, this JVM, or a container. Running once constructed; one thread at a time. */
interface Backend extends AutoCloseable {

    String host();

    /** The same after a restart. */
    int port();

    /** Ends the server as a power cut would; its data stays. */
    void kill();

    /** Starts the server on its old data and port, stopping it in order first when it runs. */
    void restart();

    /** Stops a PostgreSQL server in order, adds 2^32 to its next transaction id, and starts it again. */
    default void advanceTransactionEpoch() {
        throw new ServerFailedException("only a PostgreSQL server run as a process has files that can be changed");
    }

    String logTail();

    /** Stops the server and deletes its data. */
    @Override
    void close();
}
