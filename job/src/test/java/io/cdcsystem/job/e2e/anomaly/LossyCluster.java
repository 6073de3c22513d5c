package io.cdcsystem.job.e2e.anomaly;

import io.cdcsystem.job.CdcJob;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.source.LogEnd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.source.reader.SourceReaderOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.highavailability.nonha.embedded.HaLeadershipControl;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.scheduler.exceptionhistory.RootExceptionHistoryEntry;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * A Flink cluster of one TaskManager inside this JVM, whose TaskManager and JobMasters can be lost. One thread.
 *
 * <p>One TaskManager, so that its loss surely hits every task.
 */
final class LossyCluster implements AutoCloseable {
    private static final Duration RETRY_DELAY = Duration.ofMillis(20);
    private static final long CALL_SECONDS_MAX = 60;

    private final MiniCluster cluster;
    private final Configuration configuration = new Configuration();
    private final InMemoryReporter metrics = InMemoryReporter.create();
    private final Path folder;
    private int taskManagersLost;

    private LossyCluster(int slots) throws Exception {
        folder = Files.createTempDirectory("cdc-anomaly-");
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, RETRY_DELAY);
        // A TaskManager that asks a JobMaster on its way out would ask again only seconds later.
        configuration.set(ClusterOptions.ERROR_REGISTRATION_DELAY, RETRY_DELAY);
        configuration.set(ClusterOptions.REFUSED_REGISTRATION_DELAY, RETRY_DELAY);
        configuration.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Default);
        // A reader that is held by a lock does not end by itself; its connection goes with the task.
        configuration.set(SourceReaderOptions.SOURCE_READER_CLOSE_TIMEOUT, 500L);
        metrics.addToConfiguration(configuration);
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .setHaServices(MiniCluster.HaServices.WITH_LEADERSHIP_CONTROL)
                .withRandomPorts()
                .build());
        cluster.start();
    }

    static LossyCluster start(int slots) throws Exception {
        return new LossyCluster(slots);
    }

    JobID submit(PipelineConfig config, @Nullable String restoreFrom) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        CdcJob.configure(environment, config, configuration);
        Pipeline.define(environment, config, LogEnd.NEVER);
        JobGraph graph = environment.getStreamGraph().getJobGraph();
        if (restoreFrom != null) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(restoreFrom, false, RecoveryClaimMode.NO_CLAIM));
        }
        return cluster.submitJob(graph).get(CALL_SECONDS_MAX, TimeUnit.SECONDS).getJobID();
    }

    String stopWithSavepoint(JobID job) throws Exception {
        return cluster.stopWithSavepoint(
                        job, folder.resolve("savepoints").toUri().toString(), false, SavepointFormatType.NATIVE)
                .get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** Completes a checkpoint that begins now. */
    void checkpoint(JobID job) throws Exception {
        cluster.triggerCheckpoint(job).get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** Ends the job as it stands; returns its newest checkpoint, or null where it has none. */
    @Nullable
    String cancel(JobID job) throws Exception {
        cluster.cancelJob(job).get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
        cluster.requestJobResult(job).get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
        var statistics = cluster.getExecutionGraph(job)
                .get(CALL_SECONDS_MAX, TimeUnit.SECONDS)
                .getCheckpointStatsSnapshot();
        CompletedCheckpointStats newest =
                statistics == null ? null : statistics.getHistory().getLatestCompletedCheckpoint();
        if (newest != null) {
            return newest.getExternalPath();
        }
        return statistics == null || statistics.getLatestRestoredCheckpoint() == null
                ? null
                : statistics.getLatestRestoredCheckpoint().getExternalPath();
    }

    /** Ends the TaskManager, and with it every task of every job, and starts another one. */
    void loseTaskManager() throws Exception {
        cluster.terminateTaskManager(taskManagersLost++).get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
        cluster.startTaskManager();
    }

    /** Takes the leadership from the job's JobMaster; the next one recovers the job from its newest checkpoint. */
    void loseJobMaster(JobID job) throws Exception {
        // Taken from a JobMaster that is still beginning, the leadership is a fatal error to Flink's own cluster.
        Waiting.until("the job has begun", Duration.ofSeconds(CALL_SECONDS_MAX), () -> state(job), () -> hasBegun(job));
        HaLeadershipControl control = cluster.getHaLeadershipControl().orElseThrow();
        control.revokeJobMasterLeadership(job).get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
        control.grantJobMasterLeadership(job).get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private boolean hasBegun(JobID job) throws Exception {
        return cluster.getJobStatus(job).get(CALL_SECONDS_MAX, TimeUnit.SECONDS) != JobStatus.INITIALIZING;
    }

    boolean isRunning(JobID job) throws Exception {
        boolean any = false;
        // While a JobMaster begins there is a graph already, without vertices.
        for (var vertex : cluster.getExecutionGraph(job)
                .get(CALL_SECONDS_MAX, TimeUnit.SECONDS)
                .getAllExecutionVertices()) {
            if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
            any = true;
        }
        return any;
    }

    /** The value of the enumerator's gauge of that name, behind its groups'; empty while there is none. */
    Optional<Long> enumeratorGauge(JobID job, String name) {
        for (Map.Entry<String, Metric> metric :
                metrics.getMetricsByIdentifiers(job).entrySet()) {
            if (metric.getKey().endsWith(".enumerator." + name)
                    && metric.getValue() instanceof Gauge<?> gauge
                    && gauge.getValue() instanceof Number value) {
                return Optional.of(value.longValue());
            }
        }
        return Optional.empty();
    }

    /** The job's checkpoints, what its tasks do, and the innermost lines of its failures so far. */
    String state(JobID job) {
        StringBuilder text = new StringBuilder();
        try {
            text.append(cluster.getExecutionGraph(job)
                            .get(CALL_SECONDS_MAX, TimeUnit.SECONDS)
                            .getCheckpointStatsSnapshot()
                            .getCounts()
                            .getNumberOfCompletedCheckpoints())
                    .append(" checkpoints")
                    .append('\n');
            Thread.getAllStackTraces().forEach((thread, frames) -> {
                if (thread.getName().startsWith("Source Data Fetcher")
                        || thread.getName().startsWith("cdc-log-status")) {
                    text.append(thread.getName()).append('\n');
                    Stream.of(frames)
                            .limit(10)
                            .forEach(frame -> text.append("    ").append(frame).append('\n'));
                }
            });
            Iterable<RootExceptionHistoryEntry> history = cluster.getExecutionGraphInfo(job)
                    .get(CALL_SECONDS_MAX, TimeUnit.SECONDS)
                    .getExceptionHistory();
            for (RootExceptionHistoryEntry entry : history) {
                String trace = entry.getException().getFullStringifiedStackTrace();
                text.append("--- failure\n");
                trace.lines()
                        .filter(line -> !line.startsWith("\tat ") || line.contains("io.cdcsystem"))
                        .limit(20)
                        .forEach(line -> text.append(line).append('\n'));
            }
        } catch (Exception e) {
            text.append("no history: ").append(e);
        }
        return text.toString();
    }

    @Override
    public void close() {
        try {
            cluster.closeAsync().get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the cluster did not end", e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(folder)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
