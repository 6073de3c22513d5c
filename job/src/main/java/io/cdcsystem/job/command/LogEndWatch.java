package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.job.rest.FlinkRest;
import io.cdcsystem.source.reader.CdcSourceReader;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks the cluster's REST API whether the job's source has emitted everything before the end of the log. One thread only.
 *
 * <p>Flink serves a gauge of a failed attempt until the next attempt's comes. So the answer must have been the same several
 * times in a row, from tasks that ran all the while: more often than the cluster takes to fetch its metrics.
 */
final class LogEndWatch {
    private static final int ANSWERS_IN_A_ROW = 3;
    private static final String METRIC_SUFFIX = "." + CdcSourceReader.LOG_END_REACHED;

    private final FlinkRest job;
    private @Nullable Source source;
    private int answers;
    private long answersOf;

    /** Watches the job at this address of the REST API: {@code http://host:port/jobs/ID}. */
    LogEndWatch(URI job) {
        this.job = new FlinkRest(job);
    }

    /** Where the gauge is. */
    private record Source(String vertex, String metric) {}

    /** Whether the end is reached for certain; asks once. No answer counts as no. */
    boolean isReached() throws InterruptedException {
        try {
            Source found = source;
            if (found == null) {
                found = find().orElse(null);
                source = found;
                return false;
            }
            long runningSince = runningSince(found);
            if (runningSince <= 0 || runningSince != answersOf || !gauge(found)) {
                answersOf = runningSince;
                answers = 0;
                return false;
            }
            answers++;
            return answers >= ANSWERS_IN_A_ROW;
        } catch (IOException e) {
            // A job between two attempts may have no answer: the next poll asks again.
            answers = 0;
            return false;
        }
    }

    private Optional<Source> find() throws IOException, InterruptedException {
        for (JsonNode vertex : job.get("").path("vertices")) {
            String id = vertex.path("id").asText();
            for (JsonNode metric : job.get("/vertices/" + id + "/subtasks/metrics")) {
                String name = metric.path("id").asText();
                if (name.endsWith(METRIC_SUFFIX)) {
                    return Optional.of(new Source(id, name));
                }
            }
        }
        return Optional.empty();
    }

    /** When the present attempt of the source's tasks began; 0 while they do not all run. */
    private long runningSince(Source of) throws IOException, InterruptedException {
        for (JsonNode vertex : job.get("").path("vertices")) {
            if (vertex.path("id").asText().equals(of.vertex)
                    && vertex.path("status").asText().equals("RUNNING")) {
                return vertex.path("start-time").asLong();
            }
        }
        return 0;
    }

    private boolean gauge(Source of) throws IOException, InterruptedException {
        String metric = URLEncoder.encode(of.metric, StandardCharsets.UTF_8);
        JsonNode answer = job.get("/vertices/" + of.vertex + "/subtasks/metrics?agg=max&get=" + metric);
        return answer.path(0).path("max").asDouble() >= 1;
    }
}
