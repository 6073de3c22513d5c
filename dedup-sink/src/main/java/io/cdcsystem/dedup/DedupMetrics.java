package io.cdcsystem.dedup;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counts what was published and dropped; belongs to one task thread. */
final class DedupMetrics {
    /** Beyond it tables share one counter: metric systems suffer from unbounded label values. */
    static final int TABLES_MAX = 1_000;

    private static final String EVENTS_PUBLISHED = "eventsPublished";
    private static final String OTHERS = "(others)";

    private final MetricGroup group;
    private final Counter duplicatesDropped;
    private final Counter staleRowsDropped;
    private final Counter eventsPublished;
    private final Counter sweeps;
    private final Counter keysSwept;
    private final Counter keysSweptByTombstoneAlone;
    private final Map<String, Counter> byTopic = new HashMap<>();

    DedupMetrics(MetricGroup parent) {
        group = parent.addGroup("cdc");
        duplicatesDropped = group.counter("duplicatesDropped");
        staleRowsDropped = group.counter("staleRowsDropped");
        eventsPublished = group.counter(EVENTS_PUBLISHED);
        sweeps = group.counter("sweeps");
        keysSwept = group.counter("keysSwept");
        keysSweptByTombstoneAlone = group.counter("keysSweptByTombstoneAlone");
    }

    void count(Verdict verdict, String topic) {
        switch (verdict) {
            case EMIT -> {
                eventsPublished.inc();
                ofTopic(topic).inc();
            }
            case STALE_ROW -> staleRowsDropped.inc();
            case REPEAT, ALREADY_READ -> duplicatesDropped.inc();
        }
    }

    /** A sweep begins. */
    void countSweep() {
        sweeps.inc();
    }

    /** A key of the topic was deleted by a sweep. */
    void countSwept(String topic, boolean withDelete) {
        keysSwept.inc();
        if (withDelete) {
            eventsPublished.inc();
            ofTopic(topic).inc();
        } else {
            keysSweptByTombstoneAlone.inc();
        }
    }

    private Counter ofTopic(String topic) {
        Counter known = byTopic.get(topic);
        if (known != null) {
            return known;
        }
        if (byTopic.size() < TABLES_MAX) {
            return byTopic.computeIfAbsent(
                    topic, name -> group.addGroup("table", name).counter(EVENTS_PUBLISHED));
        }
        return byTopic.computeIfAbsent(
                OTHERS, name -> group.addGroup("table", name).counter(EVENTS_PUBLISHED));
    }
}
