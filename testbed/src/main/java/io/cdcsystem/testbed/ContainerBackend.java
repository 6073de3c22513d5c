package io.cdcsystem.testbed;

import com.github.dockerjava.api.exception.DockerException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A server in a container of Testcontainers, chosen with the system property {@code testbed=containers}: images
 * {@code postgres:<version>}, {@code apache/kafka:<version>} and {@code apicurio/apicurio-registry-mem:<version>}, the
 * last of which forgets its schemas when it is killed.
 *
 * <p>Needs a Docker engine and a registry to pull from. Without an engine the start fails: a run that asked for
 * containers never falls back to processes and is never skipped.
 */
final class ContainerBackend implements Backend {

    private static final Duration START_DEADLINE = Duration.ofMinutes(2);
    private static final int TAIL_CHARACTERS = 16 * 1024;

    /** Whether the server answers at a host and port. */
    @FunctionalInterface
    interface Readiness {
        boolean answers(String host, int port);
    }

    private final String image;
    private final GenericContainer<?> container;
    private final int port;
    private final Readiness readiness;

    private ContainerBackend(
            String image,
            int port,
            int containerPort,
            Map<String, String> environment,
            List<String> command,
            Readiness readiness) {
        requireEngine();
        this.image = image;
        this.port = port;
        this.readiness = readiness;
        this.container = new GenericContainer<>(DockerImageName.parse(image));
        container.withEnv(environment);
        container.withStartupTimeout(START_DEADLINE);
        if (!command.isEmpty()) {
            container.withCommand(command.toArray(String[]::new));
        }
        // A fixed host port: Docker gives a random one anew at each start, and Kafka must advertise it beforehand.
        container.setPortBindings(List.of(port + ":" + containerPort));
        container.start();
        awaitReady();
    }

    /** Whether this JVM was told to use containers; any value but the two known ones is an error. */
    static boolean isChosen() {
        String choice = System.getProperty("testbed", "processes");
        return switch (choice) {
            case "processes" -> false;
            case "containers" -> true;
            default ->
                throw new ServerFailedException(
                        "system property testbed is '" + choice + "': use processes (default) or containers");
        };
    }

    static ContainerBackend postgres(PostgresVersion version, Map<String, String> settings, Readiness readiness) {
        List<String> command = settings.entrySet().stream()
                // The image's own: it listens on all of the container's addresses and needs its socket to initialize.
                .filter(each -> !each.getKey().equals("listen_addresses")
                        && !each.getKey().equals("unix_socket_directories"))
                .flatMap(each -> Stream.of("-c", each.getKey() + "=" + each.getValue()))
                .toList();
        return new ContainerBackend(
                "postgres:" + version.major(),
                FreePorts.next(),
                5432,
                Map.of(
                        "POSTGRES_USER",
                        PostgresServer.USER,
                        "POSTGRES_PASSWORD",
                        PostgresServer.PASSWORD,
                        "POSTGRES_INITDB_ARGS",
                        "--encoding=UTF8 --locale=C --auth-host=scram-sha-256"),
                command,
                readiness);
    }

    static ContainerBackend kafka() {
        int port = FreePorts.next();
        Map<String, String> environment = new LinkedHashMap<>();
        BrokerConfig.singleNodeSettings()
                .forEach((key, value) ->
                        environment.put("KAFKA_" + key.toUpperCase(Locale.ROOT).replace('.', '_'), value));
        environment.put("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093");
        environment.put("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093");
        environment.put("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://" + engineHost() + ":" + port);
        return new ContainerBackend(
                "apache/kafka:" + AppInfoParser.getVersion(), port, 9092, environment, List.of(), Probe::brokerIsReady);
    }

    static ContainerBackend registry() {
        return new ContainerBackend(
                "apicurio/apicurio-registry-mem:2.6.13.Final",
                FreePorts.next(),
                8080,
                Map.of(),
                List.of(),
                SchemaRegistryServer::answers);
    }

    private static void requireEngine() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new ServerFailedException("testbed=containers was asked for, but no Docker engine answers:"
                    + " start one, or leave the property out to run servers as processes");
        }
    }

    private static String engineHost() {
        requireEngine();
        return DockerClientFactory.instance().dockerHostIpAddress();
    }

    private void awaitReady() {
        long end = System.nanoTime() + START_DEADLINE.toNanos();
        while (!readiness.answers(host(), port)) {
            if (System.nanoTime() - end > 0) {
                throw new ServerFailedException(image + " was not ready after " + START_DEADLINE + "\n" + logTail());
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    @Override
    public String host() {
        return container.getHost();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void kill() {
        if (container.isRunning()) {
            container
                    .getDockerClient()
                    .killContainerCmd(container.getContainerId())
                    .withSignal("KILL")
                    .exec();
        }
    }

    @Override
    public void restart() {
        try {
            String id = container.getContainerId();
            if (container.isRunning()) {
                container.getDockerClient().stopContainerCmd(id).withTimeout(15).exec();
            }
            container.getDockerClient().startContainerCmd(id).exec();
        } catch (DockerException e) {
            throw new ServerFailedException(image + " cannot be restarted\n" + logTail(), e);
        }
        awaitReady();
    }

    @Override
    public String logTail() {
        String logs = container.getLogs();
        return "--- end of the log of " + image + " ---\n"
                + logs.substring(Math.max(0, logs.length() - TAIL_CHARACTERS));
    }

    @Override
    public void close() {
        container.stop();
    }
}
