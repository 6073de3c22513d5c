package io.cdcsystem.testbed;

/** Where a PostgreSQL server runs; started by its constructor's caller, used by one thread at a time. */
interface PostgresBackend extends AutoCloseable {

    String host();

    int port();

    /** Ends the server as a power cut would; its data stays. */
    void kill();

    /** Starts the server on its old data and port, stopping it in order first when it runs. */
    void restart();

    String logTail();

    /** Stops the server and deletes its data. */
    @Override
    void close();
}
