package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.job.rest.JobStatus;
import io.cdcsystem.source.postgres.slot.CaptureReport;
import org.jspecify.annotations.Nullable;

/** A status for scripts. Every field is always there; what nobody knows is null. Described in docs/status.md. */
final class StatusJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private StatusJson() {}

    static ObjectNode of(PipelineStatus status) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("pipeline", status.pipeline());
        root.put("fine", status.isFine());
        root.put("verdict", status.verdict());
        ArrayNode problems = root.putArray("problems");
        status.problems()
                .forEach(problem ->
                        problems.addObject().put("message", problem.message()).put("remedy", problem.remedy()));
        JobStatus job = status.job();
        if (job == null) {
            for (String part : new String[] {"job", "checkpoint", "snapshot", "log", "published"}) {
                root.putNull(part);
            }
        } else {
            root.set("job", job(job));
            root.set("checkpoint", checkpoint(job));
            root.set("snapshot", snapshot(job.snapshot()));
            root.set("log", log(job.log()));
            root.set("published", published(job.published()));
        }
        root.set("slot", slot(status));
        return root;
    }

    private static ObjectNode job(JobStatus job) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("id", job.id());
        node.put("state", job.state());
        node.put("cluster", job.cluster());
        node.put("startedAt", job.startedAt());
        node.put("uptimeSeconds", seconds(job.now() - job.startedAt()));
        node.put("restarts", job.restarts());
        JobStatus.Failure failure = job.failure();
        if (failure == null) {
            node.putNull("lastFailure");
        } else {
            node.putObject("lastFailure")
                    .put("at", failure.at())
                    .put("message", FailureWatch.read(failure.text()).line());
        }
        return node;
    }

    private static @Nullable ObjectNode checkpoint(JobStatus job) {
        JobStatus.Checkpoint checkpoint = job.checkpoint();
        return checkpoint == null
                ? null
                : MAPPER.createObjectNode()
                        .put("id", checkpoint.id())
                        .put("completedAt", checkpoint.completedAt())
                        .put("ageSeconds", seconds(job.now() - checkpoint.completedAt()))
                        .put("durationMillis", checkpoint.durationMillis())
                        .put("bytes", checkpoint.bytes());
    }

    private static @Nullable ObjectNode snapshot(JobStatus.@Nullable Snapshot snapshot) {
        if (snapshot == null) {
            return null;
        }
        ObjectNode node = MAPPER.createObjectNode();
        node.put("generation", snapshot.generation());
        node.put("paused", snapshot.paused());
        node.put("tables", snapshot.tables());
        node.put("tablesFinished", snapshot.tablesFinished());
        node.put("chunksPlanned", snapshot.chunksPlanned());
        node.put("chunksFinished", snapshot.chunksFinished());
        node.put("versionsPending", snapshot.versionsPending());
        ArrayNode tables = node.putArray("perTable");
        for (JobStatus.Table table : snapshot.perTable()) {
            tables.addObject()
                    .put("table", table.name())
                    .put("stage", table.stage())
                    .put("run", table.run())
                    .put("rows", table.rows())
                    .put("rowsEstimated", table.rowsEstimated())
                    .put("percent", table.percent())
                    .put("chunksPlanned", table.chunksPlanned())
                    .put("chunksFinished", table.chunksFinished())
                    .put("rowsPerSecond", table.rowsPerSecond())
                    .put("etaSeconds", table.etaSeconds())
                    .put("versionPending", table.versionPending());
        }
        return node;
    }

    private static @Nullable ObjectNode log(JobStatus.@Nullable Log log) {
        return log == null
                ? null
                : MAPPER.createObjectNode()
                        .put("bytesBehind", log.bytesBehind())
                        .put("lastCommitLagMillis", log.lastCommitLagMillis())
                        .put("endReached", log.endReached())
                        .put("recordsOut", log.recordsOut());
    }

    private static @Nullable ObjectNode published(JobStatus.@Nullable Published published) {
        return published == null
                ? null
                : MAPPER.createObjectNode()
                        .put("events", published.events())
                        .put("duplicatesDropped", published.duplicatesDropped())
                        .put("staleRowsDropped", published.staleRowsDropped());
    }

    private static ObjectNode slot(PipelineStatus status) {
        CaptureReport capture = status.capture();
        CaptureReport.Slot slot = capture == null ? null : capture.slot();
        ObjectNode node = MAPPER.createObjectNode();
        node.put("name", status.slotName());
        node.put("error", status.databaseError());
        node.put("exists", capture == null ? null : Boolean.valueOf(slot != null));
        node.put("active", slot == null ? null : Boolean.valueOf(slot.active()));
        node.put("lost", slot == null ? null : Boolean.valueOf(slot.lost()));
        node.put("confirmedLsn", slot == null ? null : slot.confirmedLsn());
        node.put("retainedBytes", slot == null ? null : Long.valueOf(slot.retainedBytes()));
        node.put("bytesUntilLost", slot == null ? null : slot.bytesUntilLost());
        return node;
    }

    private static long seconds(long millis) {
        return Math.max(0, millis / 1000);
    }
}
