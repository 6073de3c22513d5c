package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot's progress, and which tables wait for their versions, as metrics: the enumerator publishes, Flink's reporters read, each on its own thread.
 *
 * <p>Has to outlive an enumerator. Flink recreates the enumerator when the job fails as a whole, but keeps its metric group,
 * and there refuses a second gauge of the same name: the first enumerator's would be reported for ever. So the source keeps
 * one instance for all enumerators that it creates.
 */
public final class SnapshotMetrics {
    /** Beyond it tables have no metrics of their own: metric systems suffer from unbounded label values. */
    static final int TABLES_MAX = 1_000;

    private static final TablePace GONE =
            TablePace.of(new TableStatus(new TableId("", "", "gone"), Stage.DONE, 0, 0, 0, 0, 0, true), 0);

    private final Set<TableId> registered = new HashSet<>();
    private @Nullable SplitEnumeratorMetricGroup group;
    private volatile View view = new View(0, false, 0, List.of(), Map.of());

    /**
     * What is to be seen at one moment.
     *
     * @param generation the newest database snapshot's number; 0 before the first
     * @param paused whether reading is paused by a signal
     * @param chunksUnassigned planned chunks that no reader holds
     * @param tables by table, in order
     * @param versionsPending how many versions of a table wait for the schema authority, or for a person; only of those
     *     tables that have any
     */
    public record View(
            int generation,
            boolean paused,
            long chunksUnassigned,
            Map<TableId, TablePace> tables,
            Map<TableId, Integer> versionsPending) {
        /** Copies the maps, keeping their order. */
        public View {
            tables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tables));
            versionsPending = Map.copyOf(versionsPending);
        }

        /** A view of these tables. */
        public View(
                int generation,
                boolean paused,
                long chunksUnassigned,
                Collection<TablePace> tables,
                Map<TableId, Integer> versionsPending) {
            this(generation, paused, chunksUnassigned, byTable(tables), versionsPending);
        }

        /** A view of these tables, none of which waits for its version. */
        public View(int generation, boolean paused, long chunksUnassigned, Collection<TablePace> tables) {
            this(generation, paused, chunksUnassigned, tables, Map.of());
        }

        private int versionsPendingCount() {
            return versionsPending.values().stream().mapToInt(Integer::intValue).sum();
        }

        private static Map<TableId, TablePace> byTable(Collection<TablePace> tables) {
            Map<TableId, TablePace> map = new LinkedHashMap<>();
            tables.forEach(pace -> map.put(pace.status().table(), pace));
            return map;
        }

        private long sum(ToLongFunction<TableStatus> count) {
            return tables.values().stream()
                    .mapToLong(pace -> count.applyAsLong(pace.status()))
                    .sum();
        }
    }

    /** Registers the gauges; from the second time on there is nothing to do. Coordinator thread. */
    public void register(SplitEnumeratorMetricGroup enumerator) {
        if (group != null) {
            return;
        }
        group = enumerator;
        enumerator.gauge("snapshotGeneration", () -> view.generation);
        enumerator.gauge("snapshotPaused", () -> view.paused ? 1 : 0);
        enumerator.gauge("snapshotTables", () -> view.tables.size());
        enumerator.gauge(
                "snapshotTablesFinished",
                () -> view.sum(status -> status.stage().isRead() ? 1 : 0));
        enumerator.gauge("snapshotChunksPlanned", () -> view.sum(TableStatus::chunksPlanned));
        enumerator.gauge("snapshotChunksFinished", () -> view.sum(TableStatus::chunksFinished));
        enumerator.gauge("schemaVersionsPending", () -> view.versionsPendingCount());
        enumerator.setUnassignedSplitsGauge(() -> view.chunksUnassigned);
        registerTables();
    }

    /** Shows this from now on; tables seen for the first time get their gauges. Coordinator thread. */
    public void publish(View newest) {
        view = newest;
        registerTables();
    }

    private void registerTables() {
        SplitEnumeratorMetricGroup known = group;
        if (known == null) {
            return;
        }
        Set<TableId> tables = new LinkedHashSet<>(view.tables.keySet());
        // A table that was renamed waits under a name that was never read.
        tables.addAll(view.versionsPending.keySet());
        for (TableId table : tables) {
            if (registered.size() < TABLES_MAX && registered.add(table)) {
                register(known.addGroup("table", table.toString()), table);
            }
        }
    }

    private void register(MetricGroup of, TableId table) {
        gauge(of, table, "snapshotRows", pace -> pace.status().rows());
        gauge(of, table, "snapshotRowsEstimated", pace -> pace.status().rowsEstimated());
        gauge(of, table, "snapshotChunksPlanned", pace -> pace.status().chunksPlanned());
        gauge(of, table, "snapshotChunksFinished", pace -> pace.status().chunksFinished());
        gauge(of, table, "snapshotRowsPerSecond", TablePace::rowsPerSecond);
        gauge(of, table, "snapshotEtaSeconds", TablePace::etaSeconds);
        gauge(of, table, "snapshotPercent", pace -> (long) pace.percent());
        gauge(of, table, "snapshotRun", pace -> (long) pace.status().run());
        gauge(of, table, "snapshotStage", pace -> (long) pace.status().stage().code());
        of.gauge("schemaPending", () -> view.versionsPending.containsKey(table) ? 1 : 0);
    }

    /** A single metric cannot be taken out of its group: a table that is captured no more reports that nothing is to do. */
    private void gauge(MetricGroup of, TableId table, String name, Function<TablePace, Long> value) {
        of.gauge(name, () -> value.apply(view.tables.getOrDefault(table, GONE)));
    }
}
