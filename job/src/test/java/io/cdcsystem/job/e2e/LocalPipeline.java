package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.consumer.ChangeReader;
import io.cdcsystem.consumer.ReaderSchema;
import io.cdcsystem.consumer.RecordPart;
import io.cdcsystem.job.command.Cdc;
import io.cdcsystem.job.config.ConfigLoader;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.schema.registry.CachingSchemaRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.SchemaRegistryServer;
import io.cdcsystem.testbed.SharedServers;
import io.cdcsystem.testbed.verify.Findings;
import io.cdcsystem.testbed.verify.HistoryCheck;
import io.cdcsystem.testbed.verify.StateCheck;
import io.cdcsystem.testbed.verify.TopicEvent;
import io.cdcsystem.testbed.verify.TopicHistory;
import io.cdcsystem.testbed.verify.TopicReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.JobID;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * A pipeline over a database of its own: its file, its jobs in this JVM one after the other, and what a read-committed
 * consumer of its topics sees. One thread.
 */
final class LocalPipeline implements AutoCloseable {
    static final long READING = 2;
    static final long DONE = 5;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(20);

    /** The field of a decoded Avro value that holds its schema's id. */
    static final String SCHEMA_ID = "schema_id";

    private final Path folder;
    private final PostgresServer postgres;
    private final KafkaBroker kafka = SharedServers.kafka();
    private final String database;
    private final String name;
    private final PipelineYaml yaml;
    private final List<String> everCaptured = new ArrayList<>();
    private List<String> tables = List.of();
    private final TopicReader reader;
    private final TopicHistory history = new TopicHistory();
    private final List<TopicEvent> events = new ArrayList<>();
    private @Nullable ChangeReader<GenericRecord> avro;
    private @Nullable JobID job;
    private @Nullable String savepoint;

    /** A pipeline of these tables, of schema {@code public}; without them, over none yet. */
    LocalPipeline(Path folder, PostgresServer postgres, String... tables) {
        this.folder = folder;
        this.postgres = postgres;
        this.database = postgres.createDatabase();
        this.name = "p" + database.substring(database.indexOf('_'));
        this.yaml = new PipelineYaml(name);
        yaml.set("source", "hostname", postgres.host());
        yaml.set("source", "port", String.valueOf(postgres.port()));
        yaml.set("source", "username", postgres.user());
        yaml.set("source", "password", postgres.password());
        yaml.set("source", "database", database);
        yaml.set("sink", "bootstrap.servers", "'" + kafka.bootstrapServers() + "'");
        this.reader = new TopicReader(kafka.bootstrapServers(), true, this::decode);
        capture(tables);
    }

    /** Publishes as Avro. */
    LocalPipeline avro(SchemaRegistryServer registry) {
        yaml.set("format", "type", "debezium-avro");
        yaml.set("registry", "url", "'" + registry.url() + "'");
        avro = new ChangeReader<>(
                new CachingSchemaRegistry(
                        new HttpSchemaRegistry(
                                new RegistryConfig(List.of(registry.url()), null, null, Duration.ofMinutes(5))),
                        Duration.ofMinutes(5)),
                ReaderSchema.writer(),
                RecordPart.VALUE);
        return this;
    }

    /** JSON as it is; Avro in JSON form, with the id of its schema as one more field. */
    private JsonNode decode(byte[] bytes) {
        ChangeReader<GenericRecord> known = avro;
        if (known == null || bytes.length == 0 || bytes[0] != 0) {
            return TopicReader.json(bytes);
        }
        JsonNode json = TopicReader.json(known.read(name, bytes).toString().getBytes(StandardCharsets.UTF_8));
        if (json.has("op")) {
            ((ObjectNode) json).put(SCHEMA_ID, ChangeReader.schemaId(bytes));
        }
        return json;
    }

    /** What the file names from now on. */
    LocalPipeline capture(String... captured) {
        tables = List.of(captured);
        return follow(captured);
    }

    /** Reads the topics of these tables too, whatever the file names. */
    LocalPipeline follow(String... more) {
        Stream.of(more).filter(table -> !everCaptured.contains(table)).forEach(everCaptured::add);
        return this;
    }

    /** Gives a key of a section of the file another value. */
    LocalPipeline set(String section, String key, String value) {
        yaml.set(section, key, value);
        return this;
    }

    String name() {
        return name;
    }

    String database() {
        return database;
    }

    KafkaBroker kafka() {
        return kafka;
    }

    // ---- the database

    Connection connect() throws Exception {
        return postgres.connect(database);
    }

    void sql(String... statements) throws Exception {
        postgres.execute(database, statements);
    }

    long number(String query) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Holds the table against everybody until the connection is closed. */
    Connection lock(String table) throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
        }
        return connection;
    }

    // ---- the job

    /** The pipeline file as it is to be now. */
    Path file() throws Exception {
        return Files.writeString(folder.resolve(name + ".yaml"), yaml.text(tables));
    }

    /** Starts the job, from its last savepoint where there is one. */
    LocalPipeline start() throws Exception {
        PipelineConfig config = new ConfigLoader().load(file());
        LogEnd end = config.execution().bounded() ? LogEnd.FINISH : LogEnd.NEVER;
        job = LocalCluster.shared().submit(config, end, folder.resolve("checkpoints"), savepoint);
        return this;
    }

    /** Ends the job with a savepoint, from which the next start goes on. */
    void stop() throws Exception {
        savepoint = LocalCluster.shared().stopWithSavepoint(job(), folder.resolve("savepoints"));
        LocalCluster.shared().cancel(job());
        job = null;
    }

    private JobID job() {
        JobID present = job;
        if (present == null) {
            throw new IllegalStateException("no job");
        }
        return present;
    }

    /** Waits until the job has failed and returns why. */
    String awaitFailure() {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> LocalCluster.shared().status(job()).isGloballyTerminalState());
        try {
            return LocalCluster.shared().failure(job());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code cdc} with this command, maybe of two words, and this pipeline's file; returns what it printed, and fails where it does. */
    String cdc(String command, String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(command.split(" ")));
        line.addAll(List.of("-c", file().toString()));
        line.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        int exitCode = new CommandLine(new Cdc())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(line.toArray(String[]::new));
        assertThat(exitCode).as(out.toString()).isZero();
        return out.toString();
    }

    /** A gauge of the enumerator; -1 while there is none. */
    long gauge(String path) {
        return LocalCluster.shared().gauge(job(), path).orElse(-1L);
    }

    /** A gauge of one table. */
    long gauge(String table, String gauge) {
        return gauge("table.public." + table + "." + gauge);
    }

    /** Waits until the log is read. */
    void awaitStreaming() {
        await(
                "streaming",
                () -> number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cdc-system " + name
                                + "' AND backend_type = 'walsender' AND query LIKE 'START_REPLICATION%'")
                        > 0);
    }

    /** Waits until a run of the table that is younger than that is through. */
    void awaitDone(String table, long runBefore) {
        await(
                "a run of " + table + " after " + runBefore,
                () -> gauge(table, "snapshotRun") > runBefore && gauge(table, "snapshotStage") == DONE);
    }

    void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what)
                    .pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(POLL)
                    .atMost(PATIENCE)
                    .until(() -> {
                        requireAlive(what);
                        return condition.call();
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(what + " did not come\n" + diagnosis(), e);
        }
    }

    private void requireAlive(String what) throws Exception {
        JobID present = job;
        if (present != null && LocalCluster.shared().status(present).isGloballyTerminalState()) {
            throw new AssertionError("the job ended while " + what + " was awaited: "
                    + LocalCluster.shared().failure(present));
        }
    }

    private String diagnosis() {
        StringBuilder text = new StringBuilder();
        for (String table : everCaptured) {
            text.append(table).append(": stage ").append(job == null ? "?" : gauge(table, "snapshotStage"));
            text.append(", run ").append(job == null ? "?" : gauge(table, "snapshotRun"));
            text.append(", ").append(events(table).size()).append(" records\n");
        }
        List<TopicEvent> last = events.subList(Math.max(0, events.size() - 10), events.size());
        last.forEach(event -> text.append(event.topic())
                .append(' ')
                .append(text(event))
                .append(' ')
                .append(event.position())
                .append('\n'));
        return text.toString();
    }

    // ---- the topics

    /** What the topic of notices says by now, in order. */
    List<JsonNode> notices() {
        List<JsonNode> notices = new ArrayList<>();
        try (TopicReader all = new TopicReader(kafka.bootstrapServers(), true, TopicReader::json)) {
            all.readToEnd(List.of(name + ".schema-changes"), event -> notices.add(event.value()));
        }
        return notices;
    }

    /** Those of one table. */
    List<JsonNode> notices(String table) {
        return notices().stream()
                .filter(notice -> notice.path("table").asText().endsWith("public." + table))
                .toList();
    }

    /** Every record of a table's topic that a read-committed consumer has seen by now, in order within each key. */
    List<TopicEvent> events(String table) {
        poll();
        String topic = topic(table);
        return events.stream().filter(event -> event.topic().equals(topic)).toList();
    }

    /** The same in words: see {@link #text(TopicEvent)}. */
    List<String> texts(String table) {
        return events(table).stream().map(LocalPipeline::text).toList();
    }

    /** The words of those behind the first {@code from}. */
    List<String> texts(String table, int from) {
        List<String> all = texts(table);
        return all.subList(from, all.size());
    }

    /** Operation and key; {@code i} instead of {@code r} for a row of an incremental snapshot. */
    static String text(TopicEvent event) {
        if (event.value() == null) {
            return "tombstone " + event.keyText();
        }
        String op = event.value().path("op").asText();
        return (isIncremental(event) ? "i" : op) + " " + event.keyText();
    }

    static boolean isIncremental(TopicEvent event) {
        return event.value() != null
                && event.value().path("op").asText().equals("r")
                && event.value().path("source").path("snapshot").asText().equals("incremental");
    }

    /** What a consumer that folds a table's topic by key holds: the given column by key. */
    Map<String, String> folded(String table, String column) {
        Map<String, String> rows = new TreeMap<>();
        for (TopicEvent event : events(table)) {
            if (event.value() == null || event.value().path("op").asText().equals("d")) {
                rows.remove(event.keyText());
            } else {
                rows.put(
                        event.keyText(),
                        event.value().path("after").path(column).asText());
            }
        }
        return rows;
    }

    /** The same of the table itself. */
    Map<String, String> rows(String table, String key, String column) throws Exception {
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT " + key + "::text, coalesce(" + column + "::text, 'null') FROM " + table)) {
            while (row.next()) {
                rows.put(row.getString(1), row.getString(2));
            }
        }
        return rows;
    }

    /** Waits until the topic folded by key is the table {@code (id, v)}. */
    void awaitFolded(String table) throws Exception {
        Map<String, String> expected = rows(table, "id", "v");
        await("topic and table " + table + " to agree", () -> folded(table, "v").equals(expected));
    }

    void awaitRecords(String table, int count) {
        await(count + " records of " + table, () -> events(table).size() >= count);
    }

    /** Waits until that many more changes of the log have come. */
    void awaitChanges(String table, int more) {
        long before = changes(table);
        await(more + " changes of " + table, () -> changes(table) >= before + more);
    }

    private long changes(String table) {
        return texts(table).stream().filter(text -> text.matches("[cud] .*")).count();
    }

    /** Order, repeats and tombstones, as a consumer sees them. */
    TopicHistory history() {
        poll();
        return history;
    }

    /** What an audited table's topic says must be what happened, and nothing may come twice. */
    void verify(List<String> audited, Map<String, List<String>> keys) throws Exception {
        Findings[] findings = {new Findings()};
        try (Connection connection = connect()) {
            await("topics and audit to agree", () -> {
                findings[0] = new Findings();
                return HistoryCheck.run(connection, audited, history(), findings[0])
                        .isClean();
            });
            for (String table : audited) {
                assertThat(StateCheck.differences(connection, table, keys.get(table), history(), findings[0]))
                        .as(findings[0].toString())
                        .isZero();
            }
        } catch (AssertionError e) {
            throw new AssertionError(findings[0].toString(), e);
        }
        requireOrder();
    }

    /** Within each key positions rise, a tombstone follows each delete, and nothing comes twice. */
    void requireOrder() {
        assertThat(history.findings()).isEmpty();
        assertThat(history.repeats()).isZero();
        assertThat(history.disordered()).isZero();
    }

    private void poll() {
        reader.readToEnd(everCaptured.stream().map(this::topic).toList(), event -> {
            events.add(event);
            history.accept(event);
        });
    }

    private String topic(String table) {
        return name + ".public." + table;
    }

    @Override
    public void close() throws Exception {
        if (job != null) {
            LocalCluster.shared().cancel(job);
            job = null;
        }
        reader.close();
        dropSlot();
    }

    /** The server is shared, and has slots for so many pipelines only. */
    private void dropSlot() {
        String slot = " FROM pg_replication_slots WHERE slot_name = '" + name + "'";
        await("the slot to go", () -> {
            sql("SELECT pg_terminate_backend(active_pid)" + slot + " AND active");
            sql("SELECT pg_drop_replication_slot(slot_name)" + slot + " AND NOT active");
            return number("SELECT count(*)" + slot) == 0;
        });
    }
}
