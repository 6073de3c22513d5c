package io.cdcsystem.testbed;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The registry the build fetched, in a JVM of its own; its schemas are in an H2 file that outlives a kill. */
final class RegistryProcess implements Backend {

    private static final String HOST = "127.0.0.1";
    private static final int PORT_ATTEMPTS = 5;
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);

    private final Path home = Workspace.create("registry");
    private final Path log = home.resolve("log");
    private final Path runner = runner(Workspace.binaries("apicurio"));
    private int port;
    private @Nullable ServerProcess process;

    RegistryProcess() {
        for (int attempt = 1; ; attempt++) {
            port = FreePorts.next();
            try {
                launch();
                return;
            } catch (ServerFailedException e) {
                String message = String.valueOf(e.getMessage());
                boolean taken = message.contains("already in use") || message.contains("already bound");
                if (attempt == PORT_ATTEMPTS || !taken) {
                    throw e;
                }
            }
        }
    }

    private static Path runner(Path directory) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*-runner.jar")) {
            for (Path path : found) {
                return path;
            }
        } catch (IOException e) {
            throw new ServerFailedException("cannot read " + directory, e);
        }
        throw new ServerFailedException("no *-runner.jar in " + directory + ": build the module testbed again");
    }

    private void launch() {
        List<String> command = ChildJvm.command(
                home,
                "warn",
                List.of(
                        "-Xmx384m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dquarkus.http.host=" + HOST,
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.log.level=WARN"));
        command.addAll(List.of("-jar", runner.toString()));
        ServerProcess started = ServerProcess.start(
                "registry",
                command,
                Map.of("REGISTRY_DATASOURCE_URL", "jdbc:h2:file:" + home.resolve("schemas")),
                home,
                log,
                "KILL");
        process = started;
        started.awaitReady(() -> SchemaRegistryServer.answers(HOST, port), START_DEADLINE);
    }

    @Override
    public String host() {
        return HOST;
    }

    @Override
    public int port() {
        return port;
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
            process.stop("TERM", Duration.ofSeconds(15));
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
