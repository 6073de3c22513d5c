package io.cdcsystem.testbed;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A standalone Flink session cluster: one JobManager process and TaskManager processes that can be killed. Flink comes
 * from the class path the caller gives; this class talks to it by command line and REST only.
 *
 * <p>One thread at a time, but for {@link #restUrl}.
 */
public final class FlinkSessionCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final int PORT_ATTEMPTS = 5;
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Pattern TASK_MANAGERS = Pattern.compile("\"taskmanagers\"\\s*:\\s*(\\d+)");

    /** What Flink's own start scripts open. */
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.net",
            "java.io",
            "java.nio",
            "sun.nio.ch",
            "java.lang.reflect",
            "java.text",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "java.util.concurrent.locks");

    private final String classPath;
    private final int slotsEach;
    private final Path home;
    private final int restPort;
    private final ServerProcess jobManager;
    private final Map<Integer, ServerProcess> taskManagers = new TreeMap<>();
    private int taskManagersStarted;

    private FlinkSessionCluster(String classPath, int slotsEach, Path home, int restPort, ServerProcess jobManager) {
        this.classPath = classPath;
        this.slotsEach = slotsEach;
        this.home = home;
        this.restPort = restPort;
        this.jobManager = jobManager;
    }

    /**
     * Starts a cluster; returns when all its TaskManagers have registered.
     *
     * @param classPath Flink's jars: what {@code lib} of a distribution holds
     * @param stateDir where checkpoints and savepoints go by default; outlives the cluster
     */
    public static FlinkSessionCluster start(List<Path> classPath, int taskManagers, int slotsEach, Path stateDir) {
        String joined = classPath.stream()
                .map(path -> path.toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        for (int attempt = 1; ; attempt++) {
            try {
                FlinkSessionCluster cluster = startJobManager(joined, slotsEach, stateDir);
                cluster.addTaskManagers(taskManagers);
                return cluster;
            } catch (ServerFailedException e) {
                String message = String.valueOf(e.getMessage());
                boolean taken = message.contains("Address already in use") || message.contains("Could not bind");
                if (attempt == PORT_ATTEMPTS || !taken) {
                    throw e;
                }
            }
        }
    }

    private static FlinkSessionCluster startJobManager(String classPath, int slotsEach, Path stateDir) {
        Path home = Workspace.create("flink");
        int restPort = FreePorts.next();
        writeConfig(home, restPort, FreePorts.next(), slotsEach, stateDir);
        ServerProcess jobManager = launch(
                home,
                "jobmanager",
                classPath,
                List.of("-Xmx512m", "-XX:MaxMetaspaceSize=256m"),
                "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                List.of());
        jobManager.awaitReady(() -> registered(restPort) >= 0, START_DEADLINE);
        return new FlinkSessionCluster(classPath, slotsEach, home, restPort, jobManager);
    }

    private void addTaskManagers(int count) {
        try {
            for (int i = 0; i < count; i++) {
                launchTaskManager();
            }
            awaitRegistered();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void writeConfig(Path home, int restPort, int rpcPort, int slotsEach, Path stateDir) {
        Map<String, String> config = new TreeMap<>();
        config.put("jobmanager.rpc.address", HOST);
        config.put("jobmanager.rpc.port", Integer.toString(rpcPort));
        config.put("jobmanager.bind-host", HOST);
        config.put("jobmanager.memory.process.size", "1024m");
        config.put("taskmanager.host", HOST);
        config.put("taskmanager.bind-host", HOST);
        config.put("taskmanager.numberOfTaskSlots", Integer.toString(slotsEach));
        config.put("rest.address", HOST);
        config.put("rest.bind-address", HOST);
        config.put("rest.port", Integer.toString(restPort));
        config.put("rest.bind-port", Integer.toString(restPort));
        config.put("web.tmpdir", home.resolve("web").toString());
        config.put("io.tmp.dirs", home.resolve("tmp").toString());
        config.put("execution.checkpointing.storage", "filesystem");
        config.put(
                "execution.checkpointing.dir",
                stateDir.resolve("checkpoints").toUri().toString());
        config.put(
                "execution.checkpointing.savepoint-dir",
                stateDir.resolve("savepoints").toUri().toString());
        // A killed TaskManager is noticed by its connection; a frozen one within these.
        config.put("heartbeat.interval", "1000");
        config.put("heartbeat.timeout", "10000");
        // What Flink's start scripts compute: a TaskManager started without them demands each of these.
        config.put("taskmanager.cpu.cores", slotsEach + ".0");
        config.put("taskmanager.memory.task.heap.size", "256m");
        config.put("taskmanager.memory.task.off-heap.size", "64m");
        config.put("taskmanager.memory.framework.heap.size", "128m");
        config.put("taskmanager.memory.framework.off-heap.size", "128m");
        config.put("taskmanager.memory.network.min", "64m");
        config.put("taskmanager.memory.network.max", "64m");
        config.put("taskmanager.memory.managed.size", "128m");
        config.put("taskmanager.memory.jvm-metaspace.size", "256m");
        config.put("taskmanager.memory.jvm-overhead.min", "192m");
        config.put("taskmanager.memory.jvm-overhead.max", "192m");
        StringBuilder yaml = new StringBuilder();
        config.forEach(
                (key, value) -> yaml.append(key).append(": \"").append(value).append("\"\n"));
        try {
            Files.createDirectories(stateDir);
            Files.createDirectories(home.resolve("web"));
            Files.createDirectories(home.resolve("tmp"));
            Files.createDirectories(home.resolve("conf"));
            Files.writeString(home.resolve("conf").resolve("config.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerProcess launch(
            Path home, String name, String classPath, List<String> memory, String main, List<String> arguments) {
        List<String> options = new ArrayList<>(memory);
        options.add("-XX:+UseSerialGC");
        OPENED.forEach(each -> options.add("--add-opens=java.base/" + each + "=ALL-UNNAMED"));
        List<String> command = ChildJvm.command(home, "info", options);
        command.addAll(List.of(
                "-cp", classPath, main, "--configDir", home.resolve("conf").toString()));
        command.addAll(arguments);
        return ServerProcess.start(name, command, Map.of(), home, home.resolve(name + ".log"), "KILL");
    }

    /** Base URL of the JobManager's REST interface and web UI, without a slash at the end. */
    public String restUrl() {
        return "http://" + HOST + ":" + restPort;
    }

    /** Indices of the running TaskManagers: 0 is the first that was started. */
    public List<Integer> taskManagers() {
        return List.copyOf(taskManagers.keySet());
    }

    /** SIGKILL to a TaskManager, by its index in order of start. */
    public void killTaskManager(int index) {
        ServerProcess killed = taskManagers.remove(index);
        if (killed == null) {
            throw new IllegalArgumentException("no TaskManager " + index + " runs, only " + taskManagers());
        }
        killed.kill();
    }

    /** Starts another TaskManager and returns its index; it registers with the JobManager within seconds. */
    public int startTaskManager() {
        int index = launchTaskManager();
        // By its own log: the JobManager's count may still include one that was killed.
        Path log = home.resolve("taskmanager-" + index + ".log");
        running(index)
                .awaitReady(
                        () -> ServerProcess.mentions(log, "Successful registration at resource manager"),
                        START_DEADLINE);
        return index;
    }

    private int launchTaskManager() {
        int index = taskManagersStarted++;
        taskManagers.put(
                index,
                launch(
                        home,
                        "taskmanager-" + index,
                        classPath,
                        List.of("-Xmx384m", "-XX:MaxDirectMemorySize=256m", "-XX:MaxMetaspaceSize=256m"),
                        "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                        List.of("-D", "taskmanager.resource-id=taskmanager-" + index)));
        return index;
    }

    private ServerProcess running(int index) {
        ServerProcess process = taskManagers.get(index);
        if (process == null) {
            throw new IllegalArgumentException("no TaskManager " + index + " runs");
        }
        return process;
    }

    private void awaitRegistered() {
        for (ServerProcess each : taskManagers.values()) {
            each.awaitReady(() -> registered(restPort) == taskManagers.size(), START_DEADLINE);
        }
    }

    /** Slots the cluster offers when all TaskManagers run. */
    public int slots() {
        return taskManagers.size() * slotsEach;
    }

    /** The ends of the logs of the JobManager and the running TaskManagers. */
    public String logTail() {
        StringBuilder all = new StringBuilder(jobManager.logTail());
        taskManagers.values().forEach(each -> all.append('\n').append(each.logTail()));
        return all.toString();
    }

    /** Ends all processes at once; running jobs are not stopped in order. What is in the state directory stays. */
    @Override
    public void close() {
        taskManagers.values().forEach(ServerProcess::kill);
        taskManagers.clear();
        jobManager.kill();
        Workspace.delete(home);
    }

    /** TaskManagers the JobManager knows, or -1 when it does not answer. */
    private static int registered(int restPort) {
        if (!Probe.accepts(HOST, restPort)) {
            return -1;
        }
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + restPort + "/overview"))
                                    .timeout(REQUEST_TIMEOUT)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            Matcher count = TASK_MANAGERS.matcher(answer.body());
            return answer.statusCode() == 200 && count.find() ? Integer.parseInt(count.group(1)) : -1;
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailedException("interrupted while waiting for Flink", e);
        }
    }
}
