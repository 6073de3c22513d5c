package io.cdcsystem.job.e2e;

import io.cdcsystem.job.CdcJob;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.source.LogEnd;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * One Flink cluster inside this JVM for all tests of this package: jobs start on it within a second. A job that fails ends,
 * so that a test sees each failure. Any thread.
 */
final class LocalCluster {
    private static final int SLOTS = 8;
    private static final long CALL_SECONDS_MAX = 60;

    private final InMemoryReporter metrics = InMemoryReporter.create();
    private final MiniCluster cluster;

    private LocalCluster() throws Exception {
        Configuration configuration = new Configuration();
        metrics.addToConfiguration(configuration);
        configuration.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Default);
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .withRandomPorts()
                .build());
        cluster.start();
    }

    /** The cluster; started by whoever asks first. */
    static LocalCluster shared() {
        return Holder.STARTED;
    }

    /** Starts a job that keeps its checkpoints in the folder. */
    JobID submit(PipelineConfig config, LogEnd end, Path checkpoints, @Nullable String restoreFrom) throws Exception {
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        CdcJob.configure(environment, config, flink);
        Pipeline.define(environment, config, end);
        JobGraph graph = environment.getStreamGraph().getJobGraph();
        if (restoreFrom != null) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(restoreFrom, false, RecoveryClaimMode.NO_CLAIM));
        }
        return get(cluster.submitJob(graph)).getJobID();
    }

    String stopWithSavepoint(JobID job, Path savepoints) throws Exception {
        return get(cluster.stopWithSavepoint(job, savepoints.toUri().toString(), false, SavepointFormatType.NATIVE));
    }

    void cancel(JobID job) throws Exception {
        if (!status(job).isGloballyTerminalState()) {
            get(cluster.cancelJob(job));
        }
        get(cluster.requestJobResult(job));
    }

    JobStatus status(JobID job) throws Exception {
        return get(cluster.getJobStatus(job));
    }

    /** Why a job that has ended did so. */
    String failure(JobID job) throws Exception {
        return get(cluster.requestJobResult(job))
                .getSerializedThrowable()
                .map(cause -> cause.getFullStringifiedStackTrace())
                .orElse("no failure");
    }

    /** A number that the enumerator tells; {@code path} is the end of its name, with the groups before it. */
    Optional<Long> gauge(JobID job, String path) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        for (Map.Entry<String, Metric> metric : metrics.findMetrics(job, name).entrySet()) {
            if (metric.getKey().endsWith("." + path)
                    && metric.getValue() instanceof Gauge<?> gauge
                    && gauge.getValue() instanceof Number value) {
                return Optional.of(value.longValue());
            }
        }
        return Optional.empty();
    }

    private void close() {
        try {
            get(cluster.closeAsync());
        } catch (Exception e) {
            throw new IllegalStateException("the cluster did not end", e);
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private static final class Holder {
        static final LocalCluster STARTED = start();

        private static LocalCluster start() {
            try {
                LocalCluster started = new LocalCluster();
                Runtime.getRuntime().addShutdownHook(new Thread(started::close, "local-cluster-close"));
                return started;
            } catch (Exception e) {
                throw new IllegalStateException("the cluster did not start", e);
            }
        }
    }
}
