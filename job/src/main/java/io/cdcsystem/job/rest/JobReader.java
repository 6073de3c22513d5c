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
        JsonNode job = cluster.get("/jobs/" + id);
        Optional<String> source = vertex(job, sourceName);
        PipelineMetrics metrics = new PipelineMetrics(cluster, "/jobs/" + id, sourceName, dedupName);
        boolean running = job.path("state").asText().equals("RUNNING");
        if (!asked && running && source.isPresent()) {
            asked = true;
            for (int ask = 0; ask < ASKS_MAX; ask++) {
                boolean there = metrics.isReported(source.get());
                Thread.sleep(FETCH.toMillis());
                if (there) {
                    break;
                }
            }
        }
        Optional<String> dedup = vertex(job, dedupName);
        JsonNode checkpoints = optional("/jobs/" + id + "/checkpoints");
        return new JobStatus(
                cluster.base().toString(),
                id,
                job.path("state").asText(),
                job.path("now").asLong(),
                job.path("start-time").asLong(),
                metrics.restarts(),
                checkpoint(checkpoints.path("latest").path("completed")),
                checkpointFailure(checkpoints.path("latest").path("failed")),
                failure(optional("/jobs/" + id + "/exceptions?maxExceptions=1")),
                source.isPresent() ? metrics.snapshot(source.get()) : null,
                source.isPresent() ? metrics.log(source.get()) : null,
                dedup.isPresent() ? metrics.published(dedup.get()) : null);
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
