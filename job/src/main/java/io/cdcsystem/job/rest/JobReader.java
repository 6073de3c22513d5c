package io.cdcsystem.job.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.cdcsystem.job.rest.JobStatus.Checkpoint;
import io.cdcsystem.job.rest.JobStatus.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one job's status. One thread.
 *
 * <p>A cluster fetches metrics from its tasks only when somebody asks, and answers with what it had before: so the first
 * answer is thrown away, and a job that runs is asked again for a while until its metrics have come.
 */
public final class JobReader {
    private static final Duration FETCH = Duration.ofMillis(600);
    private static final int ASKS_MAX = 8;

    private final FlinkRest cluster;
    private final String id;
    private final String sourceName;
    private final String dedupName;
    private boolean asked;

    /**
     * A reader of the job.
     *
     * @param job the job
     * @param sourceName the source operator's name, which its vertex's contains
     * @param dedupName the deduplication operator's name
     */
    public JobReader(JobFinder.Job job, String sourceName, String dedupName) {
        this.cluster = job.cluster();
        this.id = job.id();
        this.sourceName = sourceName;
        this.dedupName = dedupName;
    }

    /** Whether it is this job that it reads. */
    public boolean reads(JobFinder.Job job) {
        return id.equals(job.id()) && cluster.base().equals(job.cluster().base());
    }

    /** Asks the cluster; it may take seconds. */
    public JobStatus read() throws IOException, InterruptedException {
        String path = "/jobs/" + id;
        JsonNode plan = cluster.get(path);
        Optional<String> source = vertex(plan, sourceName);
        Optional<String> dedup = vertex(plan, dedupName);
        PipelineMetrics metrics = new PipelineMetrics(cluster, path, sourceName, dedupName);
        if (!asked && plan.path("state").asText().equals("RUNNING") && source.isPresent()) {
            asked = true;
            awaitMetrics(metrics, source.get());
        }
        JobStatus.Snapshot snapshot = source.isPresent() ? metrics.snapshot(source.get()) : null;
        JobStatus.Log log = source.isPresent() ? metrics.log(source.get()) : null;
        JobStatus.Published published = dedup.isPresent() ? metrics.published(dedup.get()) : null;
        JsonNode checkpoints = optional(path + "/checkpoints").path("latest");
        Failure failure = failure(optional(path + "/exceptions?maxExceptions=1"));
        // Last, so that its clock is behind all that is told of.
        JsonNode job = cluster.get(path);
        return new JobStatus(
                cluster.base().toString(),
                id,
                job.path("state").asText(),
                job.path("now").asLong(),
                job.path("start-time").asLong(),
                metrics.restarts(),
                checkpoint(checkpoints.path("completed")),
                checkpointFailure(checkpoints.path("failed")),
                failure,
                snapshot,
                log,
                published);
    }

    private static void awaitMetrics(PipelineMetrics metrics, String source) throws IOException, InterruptedException {
        boolean reported = false;
        for (int ask = 0; ask < ASKS_MAX && !reported; ask++) {
            reported = metrics.isReported(source);
            Thread.sleep(FETCH.toMillis());
        }
    }

    private static Optional<String> vertex(JsonNode job, String operator) {
        for (JsonNode vertex : job.path("vertices")) {
            if (vertex.path("name").asText().contains(operator)) {
                return Optional.of(vertex.path("id").asText());
            }
        }
        return Optional.empty();
    }

    /** A part that a job may be without: one without checkpoints has no such document. */
    private JsonNode optional(String path) throws InterruptedException {
        try {
            return cluster.get(path);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static @Nullable Checkpoint checkpoint(JsonNode completed) {
        if (!completed.hasNonNull("id")) {
            return null;
        }
        return new Checkpoint(
                completed.path("id").asLong(),
                completed.path("trigger_timestamp").asLong()
                        + completed.path("end_to_end_duration").asLong(),
                completed.path("end_to_end_duration").asLong(),
                completed.path("state_size").asLong());
    }

    private static @Nullable Failure checkpointFailure(JsonNode failed) {
        if (!failed.hasNonNull("id")) {
            return null;
        }
        return new Failure(
                failed.path("failure_timestamp").asLong(),
                failed.path("failure_message")
                        .asText("checkpoint " + failed.path("id").asText() + " failed"));
    }

    private static @Nullable Failure failure(JsonNode exceptions) {
        JsonNode newest = exceptions.path("exceptionHistory").path("entries").path(0);
        return newest.hasNonNull("timestamp")
                ? new Failure(
                        newest.path("timestamp").asLong(),
                        newest.path("stacktrace").asText())
                : null;
    }

    /** What the status needs of a map of metrics. */
    static @Nullable Long number(Map<String, String> values, String name) {
        String text = values.get(name);
        if (text == null) {
            return null;
        }
        try {
            return (long) Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
