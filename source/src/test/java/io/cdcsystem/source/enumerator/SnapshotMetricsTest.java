package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.table.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S2")
class SnapshotMetricsTest {
    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId CUSTOMERS = new TableId("shop", "public", "customers");

    private final Map<String, Gauge<?>> gauges = new HashMap<>();
    private final Recording group = new Recording("");
    private final SnapshotMetrics metrics = new SnapshotMetrics();

    /** Keeps gauges by name; like Flink's groups, the first of a name wins. */
    private final class Recording extends UnregisteredMetricsGroup implements SplitEnumeratorMetricGroup {
        private final String prefix;

        Recording(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new Recording(prefix + key + "/" + value + "/");
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            gauges.putIfAbsent(prefix + name, gauge);
            return gauge;
        }

        @Override
        public <G extends Gauge<Long>> G setUnassignedSplitsGauge(G gauge) {
            return gauge("unassignedSplits", gauge);
        }
    }

    private Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        gauges.forEach((name, gauge) -> values.put(name, ((Number) gauge.getValue()).longValue()));
        return values;
    }

    private static TablePace orders() {
        return new TablePace(new TableStatus(ORDERS, Stage.READING, 2, 50, 100, 8, 4, false), 10, 5, 50);
    }

    private static TablePace customers() {
        return new TablePace(new TableStatus(CUSTOMERS, Stage.READ, 1, 7, -1, 1, 1, true), 0, 0, 100);
    }

    @Test
    void everything_published_is_seen_under_its_name() {
        metrics.register(group);
        metrics.publish(new SnapshotMetrics.View(3, true, 2, List.of(orders(), customers()), Map.of(CUSTOMERS, 2)));

        assertThat(values())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("snapshotGeneration", 3L),
                        Map.entry("snapshotPaused", 1L),
                        Map.entry("snapshotTables", 2L),
                        Map.entry("snapshotTablesFinished", 1L),
                        Map.entry("snapshotChunksPlanned", 9L),
                        Map.entry("snapshotChunksFinished", 5L),
                        Map.entry("unassignedSplits", 2L),
                        Map.entry("schemaVersionsPending", 2L),
                        Map.entry("table/public.orders/schemaPending", 0L),
                        Map.entry("table/public.customers/schemaPending", 1L),
                        Map.entry("table/public.orders/snapshotRows", 50L),
                        Map.entry("table/public.orders/snapshotRowsEstimated", 100L),
                        Map.entry("table/public.orders/snapshotChunksPlanned", 8L),
                        Map.entry("table/public.orders/snapshotChunksFinished", 4L),
                        Map.entry("table/public.orders/snapshotRowsPerSecond", 10L),
                        Map.entry("table/public.orders/snapshotEtaSeconds", 5L),
                        Map.entry("table/public.orders/snapshotPercent", 50L),
                        Map.entry("table/public.orders/snapshotRun", 2L),
                        Map.entry("table/public.orders/snapshotStage", 2L),
                        Map.entry("table/public.customers/snapshotRows", 7L),
                        Map.entry("table/public.customers/snapshotRowsEstimated", -1L),
                        Map.entry("table/public.customers/snapshotChunksPlanned", 1L),
                        Map.entry("table/public.customers/snapshotChunksFinished", 1L),
                        Map.entry("table/public.customers/snapshotRowsPerSecond", 0L),
                        Map.entry("table/public.customers/snapshotEtaSeconds", 0L),
                        Map.entry("table/public.customers/snapshotPercent", 100L),
                        Map.entry("table/public.customers/snapshotRun", 1L),
                        Map.entry("table/public.customers/snapshotStage", 3L)));
    }

    @Test
    void a_table_added_later_gets_its_gauges_and_a_removed_one_reports_that_nothing_is_to_do() {
        metrics.publish(new SnapshotMetrics.View(1, false, 0, List.of(customers())));
        metrics.register(group);
        assertThat(values()).containsKey("table/public.customers/snapshotRows");

        metrics.publish(new SnapshotMetrics.View(1, false, 0, List.of(orders())));
        assertThat(values())
                .containsEntry("table/public.orders/snapshotRows", 50L)
                .containsEntry("table/public.customers/snapshotRows", 0L)
                .containsEntry("table/public.customers/snapshotStage", (long) Stage.DONE.code())
                .containsEntry("snapshotTables", 1L);
    }

    @Test
    void the_next_enumerator_is_seen_through_the_gauges_of_the_first() {
        metrics.register(group);
        metrics.publish(new SnapshotMetrics.View(1, false, 0, List.of(orders())));
        metrics.register(new Recording(""));
        metrics.publish(new SnapshotMetrics.View(2, false, 0, List.of()));
        assertThat(values()).containsEntry("snapshotGeneration", 2L).containsEntry("snapshotTables", 0L);
    }

    @Test
    void beyond_a_thousand_tables_only_the_sums_go_on() {
        metrics.register(group);
        metrics.publish(new SnapshotMetrics.View(
                1,
                false,
                0,
                IntStream.range(0, SnapshotMetrics.TABLES_MAX + 5)
                        .mapToObj(i -> TablePace.of(
                                new TableStatus(new TableId("d", "s", "t" + i), Stage.DONE, 1, 1, 1, 1, 1, true), 0))
                        .toList()));
        assertThat(values()).containsEntry("snapshotTables", SnapshotMetrics.TABLES_MAX + 5L);
        assertThat(values().keySet().stream().filter(name -> name.endsWith("/snapshotRows")))
                .hasSize(SnapshotMetrics.TABLES_MAX);
    }
}
