package io.cdcsystem.testbed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One server process under a supervising shell that this JVM holds by a pipe.
 *
 * <p>The pipe is the shell's standard input. Each line written to it is a signal to pass on to the server; its end,
 * which the kernel brings about when this JVM dies in whatever way, kills the server. No other process can keep the pipe
 * open: Java closes all descriptors but the standard ones in the children it starts.
 *
 * <p>Thread-safe.
 */
final class ServerProcess {

    /**
     * The server is the shell's background job (whose standard input is /dev/null), the reader of the pipe another.
     * The traps keep the shell alive on a Ctrl-C meant for the JVM, so that the end of the pipe still finds it; the
     * shell goes when the server goes.
     */
    private static final String SUPERVISOR = """
            log=$1; last=$2; shift 2
            trap : INT TERM HUP
            exec 3<&0
            "$@" >>"$log" 2>&1 </dev/null 3<&- &
            pid=$!
            (
              trap '' INT TERM HUP
              while read -r signal <&3; do kill -s "$signal" $pid; done
              kill -s "$last" $pid
              n=0
              while kill -s 0 $pid && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
              kill -s KILL $pid
            ) >/dev/null 2>&1 &
            reader=$!
            echo $pid
            exec >/dev/null 2>&1 3<&-
            while kill -s 0 $pid; do wait $pid; done
            kill -s KILL $reader
            """;

    private static final int TAIL_BYTES = 16 * 1024;
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(20);

    private final String name;
    private final Process supervisor;
    private final OutputStream pipe;
    private final long pid;
    private final Path log;

    private ServerProcess(String name, Process supervisor, long pid, Path log) {
        this.name = name;
        this.supervisor = supervisor;
        this.pipe = supervisor.getOutputStream();
        this.pid = pid;
        this.log = log;
    }

    /**
     * Starts a command.
     *
     * @param environment added to this JVM's
     * @param directory the working directory
     * @param log file the command's output is appended to
     * @param lastSignal what the server gets first when this JVM has died (KILL follows after 5 s)
     */
    static ServerProcess start(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path directory,
            Path log,
            String lastSignal) {
        List<String> line = new ArrayList<>(List.of("sh", "-c", SUPERVISOR, name, log.toString(), lastSignal));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
        builder.environment().putAll(environment);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Process supervisor = builder.start();
            BufferedReader reader = supervisor.inputReader(StandardCharsets.US_ASCII);
            String pid = reader.readLine();
            if (pid == null) {
                supervisor.destroyForcibly();
                throw new ServerFailedException(name + ": the supervising shell ended at once\n" + tail(log));
            }
            return new ServerProcess(name, supervisor, Long.parseLong(pid), log);
        } catch (IOException e) {
            throw new ServerFailedException(name + ": cannot start " + command.get(0), e);
        }
    }

    /** Runs a command to its end. */
    static void run(String name, List<String> command, Path directory, Path log, Duration deadline) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Process process = builder.start();
            if (!waitFor(process, deadline)) {
                process.destroyForcibly();
                throw new ServerFailedException(name + ": not done after " + deadline + "\n" + tail(log));
            }
            if (process.exitValue() != 0) {
                throw new ServerFailedException(name + ": ended with status " + process.exitValue() + "\n" + tail(log));
            }
        } catch (IOException e) {
            throw new ServerFailedException(name + ": cannot start " + command.get(0), e);
        }
    }

    long pid() {
        return pid;
    }

    boolean isAlive() {
        return supervisor.isAlive();
    }

    /** Polls until {@code ready} holds; fails when the server dies first or the deadline passes. */
    void awaitReady(BooleanSupplier ready, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        while (!ready.getAsBoolean()) {
            if (waitFor(supervisor, POLL)) {
                throw new ServerFailedException(name + " died before it was ready\n" + logTail());
            }
            if (System.nanoTime() - end > 0) {
                String tail = logTail();
                kill();
                throw new ServerFailedException(name + " was not ready after " + deadline + "\n" + tail);
            }
        }
    }

    /** SIGKILL to the server and to everything it started; returns when all are gone. */
    void kill() {
        // Not of a dead server: its number may be another process's by now.
        List<ProcessHandle> children =
                supervisor.isAlive() ? supervisor.descendants().toList() : List.of();
        signal("KILL");
        children.forEach(ProcessHandle::destroyForcibly);
        if (!waitFor(supervisor, KILL_DEADLINE)) {
            throw new ServerFailedException(name + " (pid " + pid + ") survived SIGKILL for " + KILL_DEADLINE);
        }
        awaitGone(children);
        closePipe();
    }

    private void awaitGone(List<ProcessHandle> children) {
        long end = System.nanoTime() + KILL_DEADLINE.toNanos();
        while (children.stream().anyMatch(ServerProcess::isRunning)) {
            if (System.nanoTime() - end > 0) {
                throw new ServerFailedException(name + ": its children survived SIGKILL for " + KILL_DEADLINE);
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** Not so for a zombie: where nobody reaps orphans (containers without an init process) it stays for ever. */
    static boolean isRunning(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException e) {
            return process.isAlive();
        }
    }

    /** Asks the server to end with the given signal, and kills it when it has not after the deadline. */
    void stop(String signal, Duration deadline) {
        signal(signal);
        if (waitFor(supervisor, deadline)) {
            closePipe();
        } else {
            kill();
        }
    }

    String logTail() {
        return tail(log);
    }

    /** The last lines of a log, with its path; never fails. */
    static String tail(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(0, file.length() - TAIL_BYTES);
            file.seek(start);
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.readFully(bytes);
            return "--- end of " + log + " ---\n" + new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "--- no log at " + log + ": " + e + " ---";
        }
    }

    static boolean mentions(Path log, String text) {
        try {
            return Files.exists(log)
                    && Files.readString(log, StandardCharsets.UTF_8).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void signal(String signal) {
        try {
            pipe.write((signal + "\n").getBytes(StandardCharsets.US_ASCII));
            pipe.flush();
        } catch (IOException e) {
            // The shell is gone and its server with it: nothing is left to signal.
            if (supervisor.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void closePipe() {
        try {
            pipe.close();
        } catch (IOException e) {
            // The reading end is gone already.
            if (supervisor.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static boolean waitFor(Process process, Duration deadline) {
        try {
            return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailedException("interrupted while waiting for a server", e);
        }
    }
}
