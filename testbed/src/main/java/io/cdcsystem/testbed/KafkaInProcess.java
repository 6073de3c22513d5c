package io.cdcsystem.testbed;

import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import kafka.server.KafkaRaftServer;
import org.jspecify.annotations.Nullable;

/** A broker in this JVM: no process to start or debug, but none to kill either. */
final class KafkaInProcess implements Backend {

    private static final int PORT_ATTEMPTS = 5;
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);

    private final Path home = Workspace.create("kafka");
    private BrokerConfig config;
    private @Nullable KafkaRaftServer server;

    KafkaInProcess() {
        for (int attempt = 1; ; attempt++) {
            config = new BrokerConfig(FreePorts.next(), FreePorts.next(), home.resolve("data-" + attempt));
            try {
                launch();
                return;
            } catch (ServerFailedException e) {
                if (attempt == PORT_ATTEMPTS || !isTakenPort(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean isTakenPort(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private void launch() {
        try {
            server = config.start();
        } catch (Exception e) {
            throw new ServerFailedException("kafka cannot start in this JVM", e);
        }
        long end = System.nanoTime() + START_DEADLINE.toNanos();
        while (!Probe.brokerIsReady(BrokerConfig.HOST, config.port())) {
            if (System.nanoTime() - end > 0) {
                throw new ServerFailedException("kafka in this JVM was not ready after " + START_DEADLINE);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Override
    public String host() {
        return BrokerConfig.HOST;
    }

    @Override
    public int port() {
        return config.port();
    }

    @Override
    public void kill() {
        throw new UnsupportedOperationException("a broker inside this JVM cannot be killed: use startProcess()");
    }

    @Override
    public void restart() {
        stop();
        launch();
    }

    @Override
    public String logTail() {
        return "--- the broker logs with this JVM's logging ---";
    }

    @Override
    public void close() {
        stop();
        Workspace.delete(home);
    }

    private void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }
}
