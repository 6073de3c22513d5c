package io.cdcsystem.job.command;

import io.cdcsystem.job.CdcJob;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.SnapshotMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
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
import org.apache.flink.configuration.MetricOptions;
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
    /** Also how often metrics are fetched: the end of a bounded run is seen by one. */
    private static final long POLL_MILLIS = 500;

    private final PipelineConfig config;
    private final @Nullable StateDirectory state;
    private final Optional<String> restoreFrom;
    private static final int WEB_PORTS = 100;

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
                if (state != null) {
                    state.announce(cluster.getRestAddress().get());
                }
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
        // A second pipeline on the same machine takes the next free one.
        flink.set(RestOptions.BIND_PORT, webPort == 0 ? "0" : webPort + "-" + Math.min(65_535, webPort + WEB_PORTS));
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
        flink.set(MetricOptions.METRIC_FETCHER_UPDATE_INTERVAL, Duration.ofMillis(POLL_MILLIS));
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        flink.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Default);
        return flink;
    }

    private JobID submit(MiniCluster cluster, Configuration flink) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        CdcJob.configure(environment, config, flink);
        Pipeline.define(environment, config, logEnd());
        JobGraph graph = environment.getStreamGraph().getJobGraph();
        // What this folder holds, Flink may clean up once it is superseded; a savepoint from elsewhere is the user's.
        restoreFrom.ifPresent(path -> graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(
                path, false, isOwn(path) ? RecoveryClaimMode.CLAIM : RecoveryClaimMode.NO_CLAIM)));
        return cluster.submitJob(graph).get().getJobID();
    }

    /** A job that finishes takes its checkpoints with it; one that holds can leave a savepoint to the next run. */
    private LogEnd logEnd() {
        if (!config.execution().bounded()) {
            return LogEnd.NEVER;
        }
        // Without a log there is nothing that a next run could go on from.
        boolean snapshotOnly = config.snapshot().mode() == SnapshotMode.INITIAL_ONLY;
        return state == null || snapshotOnly ? LogEnd.FINISH : LogEnd.HOLD;
    }

    private boolean isOwn(String path) {
        return state != null && path.startsWith(state.root().toUri().toString());
    }

    private int supervise(MiniCluster cluster, JobID job, StopSignal signal) throws Exception {
        CompletableFuture<JobResult> ended = cluster.requestJobResult(job);
        CompletableFuture<Object> either = CompletableFuture.anyOf(ended, signal.received());
        LogEndWatch logEnd = logEnd() == LogEnd.HOLD
                ? new LogEndWatch(URI.create(cluster.getRestAddress().get() + "/jobs/" + job))
                : null;
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
                if (logEnd != null && logEnd.isReached() && finishedAtLogEnd(cluster, job, signal)) {
                    return 0;
                }
                continue;
            }
            return ended.isDone()
                    ? result(ended.get())
                    : stop(cluster, job, ended, signal.received().get());
        }
    }

    /** Ends a bounded run; false where a failure or a signal came in between, which the caller sees to. */
    private boolean finishedAtLogEnd(MiniCluster cluster, JobID job, StopSignal signal) throws InterruptedException {
        CompletableFuture<String> savepoint = stopWithSavepoint(cluster, job);
        try {
            CompletableFuture.anyOf(savepoint, signal.received()).get();
            if (!savepoint.isDone()) {
                return false;
            }
            say("pipeline " + config.name() + " is finished with savepoint " + savepoint.get());
            return true;
        } catch (ExecutionException e) {
            complain(
                    "the end of the log is reached, but no savepoint could be taken (" + reason(e) + "); trying again");
            return false;
        }
    }

    private CompletableFuture<String> stopWithSavepoint(MiniCluster cluster, JobID job) {
        return cluster.stopWithSavepoint(
                job, Objects.requireNonNull(state).savepoints().toUri().toString(), false, SavepointFormatType.NATIVE);
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
        // Its barrier waits until Kafka has taken everything before it: minutes, where Kafka does not answer.
        say("stopping pipeline " + config.name() + " with a savepoint; a second signal ends it at once, without");
        String why;
        try {
            String savepoint = stopWithSavepoint(cluster, job).get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            say("pipeline " + config.name() + " is stopped with savepoint " + savepoint);
            return 0;
        } catch (ExecutionException e) {
            // A job that is restarting or not yet running has no savepoint to give; its last checkpoint is as good.
            why = reason(e);
        } catch (TimeoutException e) {
            why = "none was complete within " + STOP_TIMEOUT.toSeconds() + " s";
        }
        cluster.cancelJob(job).exceptionally(ignored -> null).get();
        ended.get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        complain("stopped without a savepoint (" + why + ")" + whereItGoesOn());
        return StateDirectory.newestRestorable(state.root()).isPresent() ? 0 : 1;
    }

    private static String reason(ExecutionException e) {
        return FailureWatch.read(String.valueOf(e.getCause())).line();
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
        if (state == null) {
            return "";
        }
        return StateDirectory.newestRestorable(state.root())
                .map(path -> "; a new start with --state " + state.root() + " goes on from " + path)
                .orElseGet(
                        () -> "; no checkpoint was complete yet, so " + state.root() + " holds nothing to go on from: "
                                + restoreFrom
                                        .map(path -> "start again with --from " + path)
                                        .orElse("a new start begins anew"));
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
