package io.cdcsystem.testbed;

import java.nio.file.Path;
import kafka.server.KafkaRaftServer;

/**
 * The main class of a broker process. Kafka's own only logs why it fails, and nowhere when the class path has no
 * logging back end; this one prints it.
 */
final class BrokerMain {

    private BrokerMain() {}

    /** Arguments: port, controller port, data directory. */
    public static void main(String[] arguments) {
        try {
            KafkaRaftServer server = new BrokerConfig(
                            Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Path.of(arguments[2]))
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "broker-shutdown"));
            server.awaitShutdown();
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
