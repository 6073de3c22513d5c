package io.cdcsystem.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server run from the build's binaries as a child process. */
final class PostgresProcess implements Backend {

    private static final String HOST = "127.0.0.1";
    private static final int PORT_ATTEMPTS = 5;
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(15);

    private final Path home;
    private final Path data;
    private final Path log;
    private final Path bin;
    private final UnprivilegedUser user;
    private int port;
    private @Nullable ServerProcess process;

    PostgresProcess(PostgresVersion version, Map<String, String> settings) {
        this.bin = PostgresBinaries.extracted(version).resolve("bin");
        this.home = Workspace.create("postgres-" + version.major());
        this.data = home.resolve("data");
        this.log = home.resolve("log");
        try {
            Files.createDirectory(
                    data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            this.user = UnprivilegedUser.probe(bin.resolve("postgres"), data);
            user.give(data);
            initialize(settings);
            startOnFreePort();
        } catch (IOException e) {
            throw new ServerFailedException("cannot prepare PostgreSQL in " + home, e);
        }
    }

    private void initialize(Map<String, String> settings) throws IOException {
        Path password = home.resolve("password");
        Files.writeString(password, PostgresServer.PASSWORD);
        ServerProcess.run(
                "initdb",
                user.command(
                        List.of(bin.resolve("initdb").toString()),
                        "-D",
                        data.toString(),
                        "-U",
                        PostgresServer.USER,
                        "--pwfile=" + password,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        // The one locale every machine has.
                        "--locale=C",
                        "--no-sync"),
                home,
                home.resolve("initdb.log"),
                START_DEADLINE);
        StringBuilder lines = new StringBuilder("\n# testbed\n");
        settings.forEach((name, value) -> lines.append(name)
                .append(" = '")
                .append(value.replace("'", "''"))
                .append("'\n"));
        // A file, not arguments: arguments would outrank ALTER SYSTEM.
        Files.writeString(data.resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
    }

    private void startOnFreePort() {
        for (int attempt = 1; ; attempt++) {
            port = FreePorts.next();
            try {
                launch();
                return;
            } catch (ServerFailedException e) {
                boolean taken = ServerProcess.mentions(log, "could not bind");
                if (!taken || attempt == PORT_ATTEMPTS) {
                    throw e;
                }
                truncateLog();
            }
        }
    }

    private void truncateLog() {
        try {
            Files.writeString(log, "");
        } catch (IOException e) {
            throw new ServerFailedException("cannot write " + log, e);
        }
    }

    private void launch() {
        ServerProcess started = ServerProcess.start(
                "postgres",
                user.command(
                        List.of(bin.resolve("postgres").toString()),
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(port)),
                Map.of(),
                home,
                log,
                // Immediate shutdown: takes the backends and the shared memory along.
                "QUIT");
        process = started;
        started.awaitReady(() -> PostgresServer.accepts(HOST, port), START_DEADLINE);
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
        stop("INT");
        launch();
    }

    @Override
    public void advanceTransactionEpoch() {
        stop("INT");
        try {
            TransactionEpoch.advance(data);
        } catch (IOException e) {
            throw new ServerFailedException("cannot change the control file in " + data, e);
        }
        launch();
    }

    @Override
    public String logTail() {
        return ServerProcess.tail(log);
    }

    @Override
    public void close() {
        // Its data goes away: no need for the shutdown checkpoint.
        stop("QUIT");
        Workspace.delete(home);
    }

    private void stop(String signal) {
        if (process != null) {
            process.stop(signal, STOP_DEADLINE);
            process = null;
        }
    }
}
