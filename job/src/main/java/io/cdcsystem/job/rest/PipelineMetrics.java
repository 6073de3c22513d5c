package io.cdcsystem.job.rest;

import io.cdcsystem.job.rest.JobStatus.Log;
import io.cdcsystem.job.rest.JobStatus.Published;
import io.cdcsystem.job.rest.JobStatus.Snapshot;
import io.cdcsystem.job.rest.JobStatus.Table;
import io.cdcsystem.job.rest.Metrics.Aggregate;
import io.cdcsystem.source.enumerator.Stage;
import io.cdcsystem.source.reader.CdcSourceReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The metrics of one job that its status shows. */
final class PipelineMetrics {
    /** {@code Source__cdc-source.coordinator.enumerator.table.public_orders.snapshotRows}; the table's part only with some. */
    private static final Pattern ENUMERATOR =
            Pattern.compile(".*\\.enumerator\\.(?:table\\.(.+)\\.)?((?:snapshot|schema)\\w+)");

    private final Metrics metrics;
    private final String job;
    private final Pattern ofReader;
    private final Pattern ofDedup;

    PipelineMetrics(FlinkRest cluster, String job, String sourceName, String dedupName) {
        this.metrics = new Metrics(cluster);
        this.job = job;
        // By operator, because those that are chained to it have numRecordsOut, too.
        this.ofReader = of(
                sourceName, "(bytesBehind|lastCommitLagMillis|numRecordsOut|" + CdcSourceReader.LOG_END_REACHED + ")");
        this.ofDedup = of(dedupName, "cdc\\.(eventsPublished|duplicatesDropped|staleRowsDropped)");
    }

    private static Pattern of(String operator, String names) {
        return Pattern.compile("[^.]*" + Pattern.quote(TableNames.inMetric(operator)) + "\\." + names);
    }

    /** Whether the cluster has metrics of that vertex yet. */
    boolean isReported(String source) throws IOException, InterruptedException {
        return log(source) != null && snapshot(source) != null;
    }

    @Nullable
    Long restarts() throws IOException, InterruptedException {
        return JobReader.number(metrics.values(job + "/metrics", "numRestarts"::equals), "numRestarts");
    }

    @Nullable
    Snapshot snapshot(String source) throws IOException, InterruptedException {
        Map<String, String> global = new HashMap<>();
        Map<String, Map<String, String>> perTable = new TreeMap<>();
        metrics.values(
                        job + "/vertices/" + source + "/jm-operator-metrics",
                        name -> ENUMERATOR.matcher(name).matches())
                .forEach((name, value) -> {
                    Matcher matcher = ENUMERATOR.matcher(name);
                    if (matcher.matches()) {
                        String table = matcher.group(1);
                        Map<String, String> of =
                                table == null ? global : perTable.computeIfAbsent(table, key -> new HashMap<>());
                        of.put(matcher.group(2), value);
                    }
                });
        if (!global.containsKey("snapshotTables")) {
            return null;
        }
        List<Table> tables = new ArrayList<>();
        perTable.forEach((name, values) -> tables.add(table(name, values)));
        return new Snapshot(
                JobReader.number(global, "snapshotGeneration"),
                count(global, "snapshotPaused") > 0,
                count(global, "snapshotTables"),
                count(global, "snapshotTablesFinished"),
                count(global, "snapshotChunksPlanned"),
                count(global, "snapshotChunksFinished"),
                count(global, "schemaVersionsPending"),
                tables);
    }

    private static Table table(String name, Map<String, String> values) {
        return new Table(
                name,
                stage(count(values, "snapshotStage")),
                count(values, "snapshotRun"),
                count(values, "snapshotRows"),
                known(values, "snapshotRowsEstimated"),
                known(values, "snapshotPercent"),
                count(values, "snapshotChunksPlanned"),
                count(values, "snapshotChunksFinished"),
                count(values, "snapshotRowsPerSecond"),
                known(values, "snapshotEtaSeconds"),
                count(values, "schemaPending") > 0);
    }

    private static String stage(long code) {
        for (Stage stage : Stage.values()) {
            if (stage.code() == code) {
                return stage.name().toLowerCase(Locale.ROOT);
            }
        }
        return "stage " + code;
    }

    @Nullable
    Log log(String source) throws IOException, InterruptedException {
        Map<String, Aggregate> values = byName(source, ofReader);
        Aggregate end = values.get(CdcSourceReader.LOG_END_REACHED);
        if (end == null) {
            return null;
        }
        Aggregate out = values.get("numRecordsOut");
        return new Log(
                max(values.get("bytesBehind")),
                max(values.get("lastCommitLagMillis")),
                end.max() > 0,
                out == null ? null : out.sum());
    }

    @Nullable
    Published published(String dedup) throws IOException, InterruptedException {
        Map<String, Aggregate> values = byName(dedup, ofDedup);
        Aggregate events = values.get("eventsPublished");
        return events == null
                ? null
                : new Published(
                        events.sum(), sum(values.get("duplicatesDropped")), sum(values.get("staleRowsDropped")));
    }

    /** By the name behind the operator's. */
    private Map<String, Aggregate> byName(String vertex, Pattern pattern) throws IOException, InterruptedException {
        Map<String, Aggregate> values = new HashMap<>();
        metrics.aggregates(job + "/vertices/" + vertex + "/subtasks/metrics", name -> pattern.matcher(name)
                        .matches())
                .forEach((name, value) -> {
                    Matcher matcher = pattern.matcher(name);
                    if (matcher.matches()) {
                        values.put(matcher.group(1), value);
                    }
                });
        return values;
    }

    private static @Nullable Long max(@Nullable Aggregate aggregate) {
        return aggregate == null ? null : aggregate.max();
    }

    private static long sum(@Nullable Aggregate aggregate) {
        return aggregate == null ? 0 : aggregate.sum();
    }

    private static long count(Map<String, String> values, String name) {
        Long value = JobReader.number(values, name);
        return value == null ? 0 : value;
    }

    /** A value whose -1 says that nobody knows. */
    private static @Nullable Long known(Map<String, String> values, String name) {
        Long value = JobReader.number(values, name);
        return value == null || value < 0 ? null : value;
    }
}
