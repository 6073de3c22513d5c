package io.cdcsystem.job.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code cdc} in a JVM of its own, to be killed for real. */
final class CdcProcess implements AutoCloseable {
    private static final long STOP_SECONDS_MAX = 90;

    private final Process process;
    private final Path log;

    private CdcProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts {@code cdc} with these arguments; its output goes to a log in {@code folder}. */
    static CdcProcess start(Path folder, String heap, List<String> arguments) throws IOException {
        Path log = Files.createTempFile(folder, "cdc-", ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-Dlog4j2.configurationFile="
                + Path.of("src", "main", "launcher", "log4j2.properties").toAbsolutePath());
        command.add("-Dcdc.log.level=info");
        command.add("-Dcdc.flink.log.level=warn");
        command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.cdcsystem.job.command.Cdc");
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new CdcProcess(process, log);
    }

    /** {@code cdc run} with a state folder. */
    static CdcProcess run(Path folder, Path pipeline, Path state, int parallelism) throws IOException {
        return start(
                folder,
                "1g",
                List.of(
                        "run",
                        "-c",
                        pipeline.toString(),
                        "--state",
                        state.toString(),
                        "--parallelism",
                        String.valueOf(parallelism),
                        "--web-port",
                        "0"));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it printed so far. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** {@code kill -TERM}, and waits; returns the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        return await();
    }

    /** Waits for its own end; returns the exit code. */
    int await() throws InterruptedException {
        if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("cdc did not end within " + STOP_SECONDS_MAX + " s:\n" + log());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
