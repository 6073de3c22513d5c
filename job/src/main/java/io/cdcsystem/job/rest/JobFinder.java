package io.cdcsystem.job.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds a pipeline's job by its name on one of some clusters. One thread. */
public final class JobFinder {
    private final List<URI> clusters;

    /** Looks at these clusters, in order. */
    public JobFinder(List<URI> clusters) {
        this.clusters = List.copyOf(clusters);
    }

    /**
     * What was found.
     *
     * @param job the job: one that goes on rather than one that ended, and the newest of these; empty where there is none
     * @param answered how many clusters answered
     */
    public record Found(Optional<Job> job, int answered) {}

    /**
     * A job.
     *
     * @param cluster where it is
     * @param id its id
     * @param ended whether it is over
     * @param startedAt when it was started
     */
    public record Job(FlinkRest cluster, String id, boolean ended, long startedAt) {}

    /** Asks all clusters until one has a job of that name that goes on. */
    public Found find(String name) throws InterruptedException {
        int answered = 0;
        Job best = null;
        for (URI uri : clusters) {
            FlinkRest cluster = new FlinkRest(uri);
            JsonNode overview;
            try {
                overview = cluster.get("/jobs/overview");
            } catch (IOException e) {
                // Nothing listens there, or something that is no Flink.
                continue;
            }
            answered++;
            for (JsonNode entry : overview.path("jobs")) {
                if (entry.path("name").asText().equals(name)) {
                    Job job = new Job(
                            cluster,
                            entry.path("jid").asText(),
                            JobStatus.hasEnded(entry.path("state").asText()),
                            entry.path("start-time").asLong());
                    best = best == null ? job : better(best, job);
                }
            }
            if (best != null && !best.ended) {
                break;
            }
        }
        return new Found(Optional.ofNullable(best), answered);
    }

    private static Job better(Job one, Job other) {
        return Comparator.comparing((Job job) -> !job.ended)
                                .thenComparingLong(Job::startedAt)
                                .compare(one, other)
                        >= 0
                ? one
                : other;
    }
}
