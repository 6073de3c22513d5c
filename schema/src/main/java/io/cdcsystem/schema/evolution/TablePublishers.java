package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.api.operators.TimestampedCollector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running operator's translators and metrics, one publisher per table version. */
final class TablePublishers {
    private static final Logger LOG = LoggerFactory.getLogger(TablePublishers.class);

    private final SchemaOperatorConfig config;
    private final MicrosClock clock;
    private final int keyGroups;
    private final TableCompiler compiler;
    private final MetricGroup metrics;
    private final TimestampedCollector<KeyedEvent> collector;
    private final TableVersions<Publisher> versions = new TableVersions<>(this::compile);
    private final Map<TableId, TableMetrics> metricsByTable = new HashMap<>();
    private final Set<TableId> withoutKey = new HashSet<>();
    private final Set<TableId> notSwept = new HashSet<>();

    TablePublishers(
            SchemaOperatorConfig config,
            MicrosClock clock,
            int keyGroups,
            MetricGroup metrics,
            Output<StreamRecord<KeyedEvent>> output) {
        this.config = config;
        this.clock = clock;
        this.keyGroups = keyGroups;
        this.compiler = new TableCompiler(config);
        this.metrics = metrics;
        this.collector = new TimestampedCollector<>(output);
        metrics.gauge("tablesWithoutPrimaryKey", withoutKey::size);
    }

    void publish(StreamRecord<SourceEvent> element) {
        SourceEvent event = element.getValue();
        if (event instanceof VersionAdmitted) {
            // Schemas are still registered with a version's first event.
            return;
        }
        Publisher publisher = versions.of(event.table());
        collector.setTimestamp(element);
        if (event instanceof SnapshotCompleted completed) {
            sweep(completed, publisher);
        } else {
            publisher.translator().translate(event, publisher);
        }
    }

    private void sweep(SnapshotCompleted completed, Publisher publisher) {
        if (!completed.table().hasPrimaryKey()) {
            if (notSwept.add(completed.table().id())) {
                LOG.warn(
                        "A new snapshot of table {} is complete. It has no primary key: rows that are gone cannot be told,"
                                + " so no deletes are published for them, and every row that was read again is there twice.",
                        completed.table().id());
            }
            return;
        }
        byte[][] routes = KeyGroupRoutes.of(publisher.topic(), keyGroups);
        publisher.translator().sweep(completed, routes, collector::collect);
    }

    private Publisher compile(TableSchema table) {
        TopicTarget target = compiler.compile(table);
        TableMetrics counters = metricsByTable.computeIfAbsent(table.id(), this::counters);
        counters.registeredSchemas().inc(target.registeredSchemas());
        if (!table.hasPrimaryKey() && withoutKey.add(table.id())) {
            LOG.warn(
                    "Table {} has no primary key: its records carry no key, so their order holds within a partition only,"
                            + " and repeats cannot be told apart. Add a primary key to mend this.",
                    table.id());
        }
        ChangeTranslator translator = new ChangeTranslator(table, target, config.skippedOperations(), clock);
        return new Publisher(target.topic(), translator, counters.eventsPublished(), collector);
    }

    private TableMetrics counters(TableId table) {
        MetricGroup group = metrics.addGroup("table", table.toString());
        return new TableMetrics(group.counter("eventsPublished"), group.counter("registeredSchemas"));
    }

    private record TableMetrics(Counter eventsPublished, Counter registeredSchemas) {}

    private record Publisher(
            String topic, ChangeTranslator translator, Counter published, TimestampedCollector<KeyedEvent> collector)
            implements Consumer<ChangeEvent> {
        @Override
        public void accept(ChangeEvent event) {
            collector.collect(event);
            published.inc();
        }
    }
}
