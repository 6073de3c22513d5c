package io.cdcsystem.testbed;

/**
 * A real single-node Kafka cluster (KRaft, broker and controller in one), plaintext on 127.0.0.1, with transactions and
 * topic creation on first use.
 *
 * <p>{@link #bootstrapServers}: any thread; the rest: one at a time.
 */
public final class KafkaBroker implements AutoCloseable {

    private final Backend backend;

    private KafkaBroker(Backend backend) {
        this.backend = backend;
    }

    /** A broker of its own process (or container), which can be killed. */
    public static KafkaBroker startProcess() {
        return new KafkaBroker(ContainerBackend.isChosen() ? ContainerBackend.kafka() : new KafkaProcess());
    }

    /** A broker inside this JVM, with {@code testbed=containers} too. */
    public static KafkaBroker startInProcess() {
        return new KafkaBroker(new KafkaInProcess());
    }

    /** The same after a restart. */
    public String bootstrapServers() {
        return backend.host() + ":" + backend.port();
    }

    /** SIGKILL; topics stay. A broker inside this JVM refuses. */
    public void kill() {
        backend.kill();
    }

    /** Starts the broker on its data and port, after {@link #kill} or, by a controlled shutdown, out of running. */
    public void restart() {
        backend.restart();
    }

    /** The end of the broker's log. */
    public String logTail() {
        return backend.logTail();
    }

    /** Stops the broker and deletes its data. */
    @Override
    public void close() {
        backend.close();
    }
}
