package io.cdcsystem.job.command;

import io.cdcsystem.job.CdcJob;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.scheduler.exceptionhistory.RootExceptionHistoryEntry;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline on a Flink cluster inside this process. Blocks the calling thread until the pipeline ends, cannot go on, or a
 * signal asks it to stop.
 *
 * <p>The cluster is started directly rather than by a local environment, so that it outlives the job: the last savepoint,
 * the reason of a failure and the web UI are still to be had when the job is through.
 */
final class LocalRun {
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 500;

    private final PipelineConfig config;
    private final @Nullable StateDirectory state;
    private final Optional<String> restoreFrom;
    private final int webPort;
    private final PrintWriter out;
    private final PrintWriter err;
    private long lastReportedFailure = Long.MIN_VALUE;

    LocalRun(
            PipelineConfig config,
            @Nullable StateDirectory state,
            Optional<String> restoreFrom,
            int webPort,
            PrintWriter out,
            PrintWriter err) {
        this.config = config;
        this.state = state;
        this.restoreFrom = restoreFrom;
        this.webPort = webPort;
        this.out = out;
        this.err = err;
    }

    /** Runs it; the result is the process's exit code. */
    int execute() throws Exception {
        StopSignal signal = StopSignal.install();
        Path scratch = state == null ? Files.createTempDirectory("cdc-run-") : null;
        Path checkpoints = state != null ? state.checkpoints() : Objects.requireNonNull(scratch);
        try {
            Configuration flink = flinkConfiguration(checkpoints);
            MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                    .setConfiguration(flink)
                    .setNumTaskManagers(1)
                    .setNumSlotsPerTaskManager(config.execution().parallelism())
                    .build());
            try {
                cluster.start();
                JobID job = submit(cluster, flink);
                say("pipeline " + config.name() + " runs; web UI "
                        + cluster.getRestAddress().get() + "/#/job/running/" + job + "/overview"
                        + restoreFrom.map(path -> "; restored from " + path).orElse(""));
                return supervise(cluster, job, signal);
            } finally {
                cluster.close();
            }
        } finally {
            delete(scratch);
        }
    }

    private Configuration flinkConfiguration(Path checkpoints) {
        Configuration flink = new Configuration();
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(RestOptions.ADDRESS, "127.0.0.1");
        flink.set(RestOptions.PORT, webPort);
        flink.set(RestOptions.BIND_PORT, Integer.toString(webPort));
        flink.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                state == null
                        ? ExternalizedCheckpointRetention.DELETE_ON_CANCELLATION
                        : ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        flink.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Default);
        return flink;
    }

    private JobID submit(MiniCluster cluster, Configuration flink) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        CdcJob.configure(environment, config, flink);
        Pipeline.define(environment, config);
        JobGraph graph = environment.getStreamGraph().getJobGraph();
        // What this folder holds, Flink may clean up once it is superseded; a savepoint from elsewhere is the user's.
        restoreFrom.ifPresent(path -> graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(
                path, false, isOwn(path) ? RecoveryClaimMode.CLAIM : RecoveryClaimMode.NO_CLAIM)));
        return cluster.submitJob(graph).get().getJobID();
    }

    private boolean isOwn(String path) {
        return state != null && path.startsWith(state.root().toUri().toString());
    }

    private int supervise(MiniCluster cluster, JobID job, StopSignal signal) throws Exception {
        CompletableFuture<JobResult> ended = cluster.requestJobResult(job);
        CompletableFuture<Object> either = CompletableFuture.anyOf(ended, signal.received());
        while (true) {
            try {
                either.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                FailureWatch.Failure failure = reportNewFailures(cluster, job);
                if (failure != null && !failure.isTransient()) {
                    cluster.cancelJob(job).get();
                    ended.get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                    complain("restarting cannot mend this; stopped" + whereItGoesOn());
                    return 1;
                }
                continue;
            }
            return ended.isDone()
                    ? result(ended.get())
                    : stop(cluster, job, ended, signal.received().get());
        }
    }

    private int result(JobResult result) {
        if (result.isSuccess()) {
            say("pipeline " + config.name() + " is finished");
            return 0;
        }
        String failure = result.getSerializedThrowable()
                .map(cause ->
                        FailureWatch.read(cause.getFullStringifiedStackTrace()).line())
                .orElse("the job was cancelled from outside");
        complain(failure + whereItGoesOn());
        return 1;
    }

    private int stop(MiniCluster cluster, JobID job, CompletableFuture<JobResult> ended, int signalCode)
            throws Exception {
        if (state == null) {
            cluster.cancelJob(job).get();
            ended.get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            say("pipeline " + config.name() + " is stopped; without --state the next start begins anew");
            return signalCode;
        }
        try {
            String savepoint = cluster.stopWithSavepoint(
                            job, state.savepoints().toUri().toString(), false, SavepointFormatType.NATIVE)
                    .get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            ended.get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            say("pipeline " + config.name() + " is stopped with savepoint " + savepoint);
            return 0;
        } catch (ExecutionException | TimeoutException e) {
            // A job that is restarting or not yet running has no savepoint to give; its last checkpoint is as good.
            cluster.cancelJob(job).exceptionally(ignored -> null).get();
            ended.get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            complain("stopped without a savepoint ("
                    + FailureWatch.read(e.toString()).line() + ")" + whereItGoesOn());
            return 0;
        }
    }

    /** Prints each failure once; the last of them, null where there is none new. */
    private FailureWatch.@Nullable Failure reportNewFailures(MiniCluster cluster, JobID job)
            throws InterruptedException {
        Iterable<RootExceptionHistoryEntry> history;
        try {
            history = cluster.getExecutionGraphInfo(job).get().getExceptionHistory();
        } catch (ExecutionException e) {
            // Between two states of the job there may be no answer: the next poll asks again.
            return null;
        }
        FailureWatch.Failure last = null;
        for (RootExceptionHistoryEntry entry : history) {
            if (entry.getTimestamp() > lastReportedFailure) {
                lastReportedFailure = entry.getTimestamp();
                last = FailureWatch.read(entry.getException().getFullStringifiedStackTrace());
                complain(last.line() + (last.isTransient() ? "; restarting" : ""));
            }
        }
        return last;
    }

    private String whereItGoesOn() {
        return state == null ? "" : "; a new start with --state " + state.root() + " goes on from the last checkpoint";
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private void complain(String line) {
        err.println("cdc: " + line);
        err.flush();
    }

    private static void delete(@Nullable Path folder) throws IOException {
        if (folder == null) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(folder)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
