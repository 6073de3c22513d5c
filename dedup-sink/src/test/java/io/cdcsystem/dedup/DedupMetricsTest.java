package io.cdcsystem.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("O6")
class DedupMetricsTest {
    /** Keeps counters by their full names. */
    private static final class Recording extends UnregisteredMetricsGroup {
        private final Map<String, Counter> counters;
        private final String path;

        Recording(Map<String, Counter> counters, String path) {
            this.counters = counters;
            this.path = path;
        }

        @Override
        public Counter counter(String name) {
            return counters.computeIfAbsent(path + name, n -> new SimpleCounter());
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new Recording(counters, path + name + ".");
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new Recording(counters, path + key + "=" + value + ".");
        }
    }

    private final Map<String, Counter> counters = new HashMap<>();
    private final DedupMetrics metrics = new DedupMetrics(new Recording(counters, ""));

    private Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        counters.forEach((name, counter) -> counts.put(name, counter.getCount()));
        return counts;
    }

    @Test
    void verdicts_are_counted_and_published_events_per_table() {
        metrics.count(Verdict.EMIT, "a");
        metrics.count(Verdict.EMIT, "a");
        metrics.count(Verdict.EMIT, "b");
        metrics.count(Verdict.REPEAT, "a");
        metrics.count(Verdict.ALREADY_READ, "a");
        metrics.count(Verdict.STALE_ROW, "c");
        assertThat(counts())
                .isEqualTo(Map.of(
                        "cdc.eventsPublished", 3L,
                        "cdc.duplicatesDropped", 2L,
                        "cdc.staleRowsDropped", 1L,
                        "cdc.sweeps", 0L,
                        "cdc.keysSwept", 0L,
                        "cdc.keysSweptByTombstoneAlone", 0L,
                        "cdc.table=a.eventsPublished", 2L,
                        "cdc.table=b.eventsPublished", 1L));
    }

    @Test
    @Tag("S8")
    void sweeps_and_what_they_delete_are_counted() {
        metrics.countSweep();
        metrics.countSwept("a", true);
        metrics.countSwept("a", true);
        metrics.countSwept("a", false);
        assertThat(counts())
                .containsEntry("cdc.sweeps", 1L)
                .containsEntry("cdc.keysSwept", 3L)
                .containsEntry("cdc.keysSweptByTombstoneAlone", 1L)
                .containsEntry("cdc.eventsPublished", 2L)
                .containsEntry("cdc.table=a.eventsPublished", 2L);
    }

    @Test
    void tables_beyond_the_bound_share_one_counter() {
        for (int i = 0; i < DedupMetrics.TABLES_MAX + 5; i++) {
            metrics.count(Verdict.EMIT, "table " + i);
        }
        assertThat(counts())
                .hasSize(6 + DedupMetrics.TABLES_MAX + 1)
                .containsEntry("cdc.table=(others).eventsPublished", 5L)
                .containsEntry("cdc.eventsPublished", DedupMetrics.TABLES_MAX + 5L);
    }
}
