package io.cdcsystem.testbed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A broker in a JVM of its own, run from this JVM's class path. */
final class KafkaProcess implements Backend {

    private static final int PORT_ATTEMPTS = 5;
    private static final Duration START_DEADLINE = Duration.ofSeconds(90);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(15);

    private final Path home = Workspace.create("kafka");
    private final Path log = home.resolve("log");
    private BrokerConfig config;
    private @Nullable ServerProcess process;

    KafkaProcess() {
        for (int attempt = 1; ; attempt++) {
            config = new BrokerConfig(FreePorts.next(), FreePorts.next(), home.resolve("data-" + attempt));
            try {
                launch();
                return;
            } catch (ServerFailedException e) {
                if (attempt == PORT_ATTEMPTS || !String.valueOf(e.getMessage()).contains("Address already in use")) {
                    throw e;
                }
            }
        }
    }

    private void launch() {
        List<String> command = ChildJvm.command(home, "warn", List.of("-Xmx512m", "-XX:+UseSerialGC"));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                BrokerMain.class.getName(),
                Integer.toString(config.port()),
                Integer.toString(config.controllerPort()),
                config.data().toString()));
        ServerProcess started = ServerProcess.start("kafka", command, Map.of(), home, log, "KILL");
        process = started;
        started.awaitReady(() -> Probe.brokerIsReady(BrokerConfig.HOST, config.port()), START_DEADLINE);
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
        if (process != null) {
            process.kill();
            process = null;
        }
    }

    @Override
    public void restart() {
        if (process != null) {
            process.stop("TERM", STOP_DEADLINE);
            process = null;
        }
        launch();
    }

    @Override
    public String logTail() {
        return ServerProcess.tail(log);
    }

    @Override
    public void close() {
        kill();
        Workspace.delete(home);
    }
}
