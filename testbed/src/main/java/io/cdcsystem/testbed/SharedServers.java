package io.cdcsystem.testbed;

/**
 * One server of each kind per JVM, for tests that do not kill it: started by whoever asks first, closed when the JVM
 * ends. Tests keep apart by databases, topics and subjects of their own.
 *
 * <p>Thread-safe.
 */
public final class SharedServers {

    private SharedServers() {}

    public static PostgresServer postgres() {
        return Postgres.SERVER;
    }

    /** A process, not in this JVM. */
    public static KafkaBroker kafka() {
        return Kafka.SERVER;
    }

    public static SchemaRegistryServer registry() {
        return Registry.SERVER;
    }

    private static final class Postgres {
        static final PostgresServer SERVER = PostgresServer.start();

        static {
            closeAtExit(SERVER::close);
        }
    }

    private static final class Kafka {
        static final KafkaBroker SERVER = KafkaBroker.startProcess();

        static {
            closeAtExit(SERVER::close);
        }
    }

    private static final class Registry {
        static final SchemaRegistryServer SERVER = SchemaRegistryServer.start();

        static {
            closeAtExit(SERVER::close);
        }
    }

    private static void closeAtExit(Runnable close) {
        Runtime.getRuntime().addShutdownHook(new Thread(close, "testbed-close"));
    }
}
