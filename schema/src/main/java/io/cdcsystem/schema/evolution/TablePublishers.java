package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.event.Admission;
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
import org.jspecify.annotations.Nullable;
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
    private final TableVersions<Publisher> versions = new TableVersions<>();
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
        if (event instanceof VersionAdmitted admitted) {
            admit(admitted.table(), admitted.admission());
            return;
        }
        Publisher publisher = versions.find(event.table());
        if (publisher == null) {
            throw new IllegalStateException("an event of table " + event.table().id() + " at " + event.position()
                    + " came before its version was admitted");
        }
        collector.setTimestamp(element);
        publisher.metrics().uses(publisher.valueSchemaId());
        RowProjection projection = publisher.projection();
        SourceEvent said = projection == null ? event : projection.project(event);
        if (said instanceof SnapshotCompleted completed) {
            sweep(completed, publisher);
        } else {
            publisher.translator().translate(said, publisher);
        }
    }

    private void admit(TableSchema table, Admission admission) {
        Publisher known = versions.find(table);
        if (known == null || !known.admission().equals(admission)) {
            versions.put(table, compile(table, admission));
        }
    }

    private void sweep(SnapshotCompleted completed, Publisher publisher) {
        if (publisher.admission() instanceof Admission.DeadLetter) {
            // The rows that the run read are not in the table's topic, so what it misses says nothing of that topic.
            return;
        }
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

    private Publisher compile(TableSchema table, Admission admission) {
        TopicTarget target = compiler.compile(table, admission);
        TableSchema as = admission instanceof Admission.Publish publish ? publish.as() : table;
        RowProjection projection = as.equals(table) ? null : new RowProjection(table, as);
        TableMetrics counters = metricsByTable.computeIfAbsent(table.id(), this::counters);
        if (!table.hasPrimaryKey() && withoutKey.add(table.id())) {
            LOG.warn(
                    "Table {} has no primary key: its records carry no key, so their order holds within a partition only,"
                            + " and repeats cannot be told apart. Add a primary key to mend this.",
                    table.id());
        }
        return new Publisher(
                admission,
                target.topic(),
                target.valueSchemaId(),
                projection,
                new ChangeTranslator(as, target, config.skippedOperations(), clock),
                counters,
                counters.of(admission),
                collector);
    }

    private TableMetrics counters(TableId table) {
        return new TableMetrics(metrics.addGroup("table", table.toString()));
    }

    /** The metrics of one table; written by the task's thread, read by any. */
    private static final class TableMetrics {
        private final Counter eventsPublished;
        private final Counter eventsDeadLettered;
        private volatile int valueSchemaId;

        TableMetrics(MetricGroup group) {
            eventsPublished = group.counter("eventsPublished");
            eventsDeadLettered = group.counter("eventsDeadLettered");
            group.gauge("schemaId", () -> valueSchemaId);
        }

        void uses(int schemaId) {
            if (valueSchemaId != schemaId) {
                valueSchemaId = schemaId;
            }
        }

        Counter of(Admission admission) {
            return admission instanceof Admission.DeadLetter ? eventsDeadLettered : eventsPublished;
        }
    }

    private record Publisher(
            Admission admission,
            String topic,
            int valueSchemaId,
            @Nullable RowProjection projection,
            ChangeTranslator translator,
            TableMetrics metrics,
            Counter counter,
            TimestampedCollector<KeyedEvent> collector)
            implements Consumer<ChangeEvent> {
        @Override
        public void accept(ChangeEvent event) {
            collector.collect(event);
            counter.inc();
        }
    }
}
