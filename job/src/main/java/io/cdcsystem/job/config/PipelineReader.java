package io.cdcsystem.job.config;

import io.cdcsystem.job.config.PipelineConfig.Delivery;
import io.cdcsystem.job.config.PipelineConfig.FormatType;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.evolution.SkippedOperations;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the tree of sections into a {@link PipelineConfig} and checks each value and their combinations. */
final class PipelineReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,200}");
    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
    private static final Pattern SIGNAL_TABLE = Pattern.compile("[^.\\s][^.]*\\.\\S.*");
    private static final Pattern BROKER = Pattern.compile("(\\[[0-9a-fA-F:]+]|[^:\\s]+):\\d{1,5}");

    /** What the pipeline sets itself; another value would break delivery or ordering. */
    private static final Map<String, String> OWNED_PRODUCER_KEYS = Map.of(
            "bootstrap.servers", "sink.bootstrap.servers",
            "transactional.id", "sink.transactional-id-prefix",
            "transaction.timeout.ms", "sink.transaction-timeout",
            "key.serializer", "format.type",
            "value.serializer", "format.type",
            "partitioner.class", "the message key");

    /** What the pipeline sets itself for the signal topic's consumer. */
    private static final Set<String> OWNED_CONSUMER_KEYS = Set.of(
            "bootstrap.servers",
            "auto.offset.reset",
            "enable.auto.commit",
            "allow.auto.create.topics",
            "key.deserializer",
            "value.deserializer");

    private final Section top;

    PipelineReader(Section top) {
        this.top = top;
    }

    PipelineConfig read() {
        String name = top.requiredText("name");
        if (!name.isBlank() && !NAME.matcher(name).matches()) {
            top.problem("name", "may hold letters, digits, '.', '_' and '-' only, and starts with a letter or digit");
        }
        Section signalSection = top.section("signal", "section");
        Section sourceSection = top.section("source", "section");
        SnapshotReader snapshotReader = new SnapshotReader(top.section("snapshot", "section"));
        SnapshotConfig snapshot = snapshotReader.read();
        PostgresConfig source = source(sourceSection, name, snapshotReader, signalTable(signalSection));
        PipelineConfig.Format format = format(top.section("format", "section"));
        Section registrySection = top.section("registry", "section");
        PipelineConfig.Registry registry = new RegistryReader(registrySection).read();
        if (registry == null && format.type() == FormatType.DEBEZIUM_AVRO) {
            registrySection.problem("url", "is required with format.type debezium-avro: Avro is read by schema id");
        }
        PipelineConfig.Schema schema = new SchemaReader(top.section("schema", "section")).read();
        PipelineConfig.Sink sink = sink(top.section("sink", "section"), name);
        PipelineConfig.Signals signals = signals(signalSection, sink);
        Section dedupSection = top.section("dedup", "section");
        boolean dedupEnabled = dedupSection.bool("enabled", true);
        PipelineConfig.Dedup dedup = new PipelineConfig.Dedup(dedupEnabled, positive(dedupSection, "retention", "7d"));
        PipelineConfig.Execution execution = execution(top.section("pipeline", "section"), sink, snapshot.mode());
        return new PipelineConfig(name, source, snapshot, format, registry, schema, sink, signals, dedup, execution);
    }

    private static PostgresConfig source(
            Section section, String name, SnapshotReader snapshot, @Nullable String signalTable) {
        section.choice("type", Map.of("postgres", "postgres"), null);
        String hostname = section.requiredText("hostname");
        int port = section.integer("port", 5432, 1, 65_535);
        String database = section.requiredText("database");
        String username = section.requiredText("username");
        String password = section.requiredText("password");
        List<String> tables = section.texts("tables", ConfigKey.REQUIRED, List.of());
        tables.forEach(table -> checkTable(section, table));
        if (section.isPresent() && tables.isEmpty()) {
            section.problem("tables", "must name at least one table as schema.table");
        }
        String derived = "cdc_" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        String slot = section.text("slot.name", derived, "cdc_<name>");
        if (!SLOT.matcher(slot).matches()) {
            section.problem("slot.name", "may hold a-z, 0-9 and '_' only, at most 63 characters");
        }
        String publication = section.text("publication.name", derived, "cdc_<name>");
        if (publication.isBlank() || publication.length() > 63) {
            section.problem("publication.name", "must have 1 to 63 characters");
        }
        Map<String, String> connection = section.properties("connection");
        List<TableSelect> select = snapshot.select(tables);
        return new PostgresConfig(
                hostname,
                port,
                database,
                username,
                password,
                tables,
                slot,
                publication,
                connection,
                select,
                signalTable);
    }

    private static void checkTable(Section section, String table) {
        try {
            TablePattern.parse(table);
        } catch (CdcException e) {
            section.problem("tables", uncoded(e));
        }
    }

    private static PipelineConfig.Format format(Section section) {
        Map<String, FormatType> types = new LinkedHashMap<>();
        types.put("debezium-json", FormatType.DEBEZIUM_JSON);
        types.put("debezium-avro", FormatType.DEBEZIUM_AVRO);
        FormatType type = section.choice("type", types, "debezium-json");
        boolean schemasEnable = section.bool("schemas-enable", false);
        if (schemasEnable && type == FormatType.DEBEZIUM_AVRO) {
            section.problem("schemas-enable", "only applies to debezium-json; Avro's schema is in the registry");
        }
        Set<Op> skipped = skipped(
                section,
                section.texts(SkippedOperations.OPTION, SkippedOperations.DEFAULT, List.of(SkippedOperations.DEFAULT)));
        String version = section.text("source.version", EnvelopeConfig.DEFAULT_SOURCE_VERSION);
        String placeholder = section.text("unavailable.value.placeholder", EnvelopeConfig.DEFAULT_PLACEHOLDER);
        return new PipelineConfig.Format(type, schemasEnable, skipped, version, placeholder);
    }

    private static Set<Op> skipped(Section section, List<String> codes) {
        try {
            return SkippedOperations.parse(String.join(",", codes));
        } catch (CdcException e) {
            section.problem(SkippedOperations.OPTION, uncoded(e));
            return Set.of();
        }
    }

    /** The message without its code: the list of problems has one of its own. */
    static String uncoded(CdcException e) {
        String coded = String.valueOf(e.getMessage());
        return coded.substring(coded.indexOf(": ") + 2);
    }

    private static PipelineConfig.Sink sink(Section section, String name) {
        section.choice("type", Map.of("kafka", "kafka"), "kafka");
        String bootstrap = section.requiredText("bootstrap.servers");
        checkBrokers(section, "bootstrap.servers", bootstrap);
        String prefix = section.text("topic.prefix", name, "<name>");
        if (!prefix.isEmpty() && !TOPIC.matcher(prefix).matches()) {
            section.problem("topic.prefix", "may hold letters, digits, '.', '_' and '-' only, as a Kafka topic's name");
        }
        Map<String, Delivery> deliveries = new LinkedHashMap<>();
        deliveries.put("at-least-once", Delivery.AT_LEAST_ONCE);
        deliveries.put("exactly-once", Delivery.EXACTLY_ONCE);
        Delivery delivery = section.choice("delivery-guarantee", deliveries, "at-least-once");
        String transactionalId = section.text("transactional-id-prefix", name, "<name>");
        if (transactionalId.isBlank() && !name.isBlank()) {
            section.problem("transactional-id-prefix", "must not be blank");
        }
        Duration timeout = positive(section, "transaction-timeout", "15m");
        Section topic = section.section("topic", "section");
        int partitions = topic.integer("partitions", 4, 1, 100_000);
        int replication = topic.integer("replication-factor", -1, -1, 100);
        if (replication == 0) {
            topic.problem("replication-factor", "must be at least 1, or -1 for the broker's default");
        }
        PipelineConfig.Topics topics = new PipelineConfig.Topics(partitions, replication, topic.properties("config"));
        Map<String, String> producer = section.properties("producer");
        checkProducer(section, producer);
        boolean tombstones = section.bool("tombstones.on.delete", true);
        boolean headers = section.bool("extended.headers.enabled", true);
        return new PipelineConfig.Sink(
                bootstrap, prefix, delivery, transactionalId, timeout, topics, producer, tombstones, headers);
    }

    private static void checkProducer(Section section, Map<String, String> producer) {
        for (String key : producer.keySet()) {
            String owner = OWNED_PRODUCER_KEYS.get(key);
            if (owner != null) {
                section.problem("producer", key + " is set by the pipeline from " + owner + "; remove it here");
            }
        }
        String acks = producer.get("acks");
        if (acks != null && !acks.equals("all") && !acks.equals("-1")) {
            section.problem(
                    "producer",
                    "acks must be all: a position is confirmed to the database only once all replicas have it");
        }
        if ("false".equals(producer.get("enable.idempotence"))) {
            section.problem(
                    "producer", "enable.idempotence must stay on: without it a retry can reorder a row's changes");
        }
    }

    private static @Nullable String signalTable(Section section) {
        String table = section.optionalText("data.collection");
        if (table != null && !SIGNAL_TABLE.matcher(table).matches()) {
            section.problem("data.collection", "must be one table as schema.table, not '" + table + "'");
        }
        return table;
    }

    private static PipelineConfig.Signals signals(Section section, PipelineConfig.Sink sink) {
        String topic = section.optionalText("kafka.topic");
        if (topic != null && !TOPIC.matcher(topic).matches()) {
            section.problem("kafka.topic", "may hold letters, digits, '.', '_' and '-' only");
        }
        String bootstrap = section.text("kafka.bootstrap.servers", sink.bootstrapServers(), "<sink.bootstrap.servers>");
        if (!bootstrap.equals(sink.bootstrapServers())) {
            checkBrokers(section, "kafka.bootstrap.servers", bootstrap);
        }
        Map<String, String> consumer = section.properties("consumer");
        for (String key : consumer.keySet()) {
            if (OWNED_CONSUMER_KEYS.contains(key)) {
                section.problem("consumer", key + " is set by the pipeline; remove it here");
            }
        }
        return new PipelineConfig.Signals(topic, bootstrap, consumer);
    }

    private static void checkBrokers(Section section, String key, String bootstrap) {
        if (!bootstrap.isBlank()) {
            for (String broker : bootstrap.split(",", -1)) {
                if (!BROKER.matcher(broker.strip()).matches()) {
                    section.problem(key, "must be host:port, several separated by commas");
                    break;
                }
            }
        }
    }

    private static PipelineConfig.Execution execution(Section section, PipelineConfig.Sink sink, SnapshotMode mode) {
        int parallelism = section.integer("parallelism", 1, 1, 32_768);
        int maxParallelism = section.integer("max-parallelism", 128, 1, 32_768);
        if (maxParallelism < parallelism) {
            section.problem("max-parallelism", "must not be less than pipeline.parallelism, which is " + parallelism);
        }
        Duration interval = section.duration("checkpoint-interval", "10s");
        boolean bounded = section.bool("bounded", false) || mode == SnapshotMode.INITIAL_ONLY;
        if (interval.isZero()) {
            String why = sink.delivery() == Delivery.EXACTLY_ONCE
                    ? "exactly-once publishes only at checkpoints"
                    : "positions are confirmed to the database only by checkpoints, so its log would pile up";
            section.problem("checkpoint-interval", "cannot be 0: " + why);
        } else if (sink.delivery() == Delivery.EXACTLY_ONCE
                && sink.transactionTimeout().compareTo(interval) <= 0) {
            section.problem(
                    "checkpoint-interval",
                    "must be shorter than sink.transaction-timeout with exactly-once: Kafka would abort the transaction first");
        }
        return new PipelineConfig.Execution(parallelism, maxParallelism, interval, bounded);
    }

    static Duration positive(Section section, String key, String defaultText) {
        Duration duration = section.duration(key, defaultText);
        if (duration.isZero()) {
            section.problem(key, "must be longer than 0");
        }
        return duration;
    }
}
