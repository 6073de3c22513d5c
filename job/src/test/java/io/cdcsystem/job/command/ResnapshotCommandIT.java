package io.cdcsystem.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalEnvelope;
import io.cdcsystem.source.signal.SignalParser;
import io.cdcsystem.source.signal.SnapshotCommand.AddTables;
import io.cdcsystem.source.signal.SnapshotCommand.ExecuteSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.PauseSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.RemoveTables;
import io.cdcsystem.source.signal.SnapshotCommand.ResumeSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.StopSnapshot;
import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.SharedServers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cdc resnapshot}: what it writes is read back through a real slot or a real topic. */
@Tag("S8")
@Tag("S9")
class ResnapshotCommandIT {
    @TempDir
    private Path folder;

    private final PostgresServer postgres = SharedServers.postgres();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String database;
    private Path file;

    @BeforeEach
    void createDatabase() throws Exception {
        database = postgres.createDatabase();
        postgres.execute(
                database,
                "CREATE TABLE orders (id int PRIMARY KEY, region text)",
                "CREATE TABLE items (id int PRIMARY KEY)",
                "CREATE SCHEMA other",
                "CREATE TABLE other.new (id int PRIMARY KEY)",
                "CREATE PUBLICATION p");
        file = pipeline(postgres.user(), postgres.password(), "unused:1", "");
    }

    private Path pipeline(String user, String password, String brokers, String more) throws IOException {
        return Files.writeString(folder.resolve("pipeline.yaml"), """
                name: shop
                source:
                  type: postgres
                  hostname: %s
                  port: %d
                  username: %s
                  password: %s
                  database: %s
                  tables: public.*
                  slot.name: %s
                  publication.name: p
                sink:
                  bootstrap.servers: %s
                %s""".formatted(
                        postgres.host(), postgres.port(), user, password, database, slot(), brokers, more));
    }

    private String slot() {
        return "s_" + database;
    }

    private void createSlot() throws SQLException {
        postgres.execute(database, "SELECT pg_create_logical_replication_slot('" + slot() + "', 'pgoutput')");
    }

    private int execute(String... arguments) {
        List<String> all = new ArrayList<>(List.of("resnapshot", "-c", file.toString()));
        all.addAll(List.of(arguments));
        return Cdc.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(new String[0]));
    }

    /** The signals that the slot holds for its pipeline; they are gone then. */
    private List<Signal> received() throws SQLException {
        List<Signal> signals = new ArrayList<>();
        try (Connection connection = postgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT data FROM pg_logical_slot_get_binary_changes('" + slot()
                        + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'p', 'messages', 'true')")) {
            while (rows.next()) {
                byte[] message = rows.getBytes(1);
                if (message[0] == 'M' && message[1] == 1) {
                    String text = new String(message, 10, message.length - 10, StandardCharsets.UTF_8);
                    String prefix = "cdc.signal:" + slot();
                    assertThat(text).startsWith(prefix + "\0");
                    // The prefix's end and four bytes of length stand before the content.
                    signals.add(SignalEnvelope.read(text.substring(text.indexOf('{')), "none"));
                }
            }
        }
        return signals;
    }

    @Test
    void a_request_for_tables_is_in_the_log_of_the_slot() throws Exception {
        createSlot();
        assertThat(execute("public.orders", "public.i.*", "--where", "id > 5", "--id", "again"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("sent execute-snapshot for public.orders, public.i.* where id > 5 to pipeline shop as again")
                .contains("no pipeline reads from replication slot " + slot() + " right now");
        assertThat(received()).singleElement().satisfies(signal -> {
            assertThat(signal.id()).isEqualTo("again");
            ExecuteSnapshot snapshot = (ExecuteSnapshot) SignalParser.parse(signal);
            TableId items = new TableId(database, "public", "items");
            assertThat(snapshot.matches(items)).isTrue();
            assertThat(snapshot.condition(items)).isEqualTo("id > 5");
            assertThat(snapshot.condition(new TableId(database, "public", "orders")))
                    .isEqualTo("id > 5");
            assertThat(snapshot.matches(new TableId(database, "other", "new"))).isFalse();
        });
    }

    @Test
    void every_other_request_is_in_the_log_too() throws Exception {
        createSlot();
        assertThat(execute("--pause")).isZero();
        assertThat(execute("--resume")).isZero();
        assertThat(execute("--stop")).isZero();
        assertThat(execute("--stop", "public.orders")).isZero();
        assertThat(execute("--add", "other.new")).isZero();
        assertThat(out.toString()).contains("add other.new to source.tables");
        assertThat(execute("--remove", "public.dropped")).isZero();
        List<Object> commands = new ArrayList<>();
        for (Signal signal : received()) {
            commands.add(SignalParser.parse(signal));
        }
        assertThat(commands)
                .extracting(command -> (Object) command.getClass())
                .containsExactly(
                        PauseSnapshot.class,
                        ResumeSnapshot.class,
                        StopSnapshot.class,
                        StopSnapshot.class,
                        AddTables.class,
                        RemoveTables.class);
        assertThat(((StopSnapshot) commands.get(2)).tables().isAll()).isTrue();
        assertThat(((StopSnapshot) commands.get(3)).tables().texts()).containsExactly("public.orders");
    }

    @Test
    void a_table_that_was_added_by_a_signal_can_be_read_again() throws Exception {
        createSlot();
        assertThat(execute("other.new")).isEqualTo(1);
        postgres.execute(database, "ALTER PUBLICATION p ADD TABLE other.new");
        assertThat(execute("other.new")).as(err.toString()).isZero();
        assertThat(received()).hasSize(1);
    }

    @Test
    void json_says_what_was_sent() throws Exception {
        createSlot();
        assertThat(execute("public.orders", "--json", "--id", "x")).isZero();
        JsonNode sent = new ObjectMapper().readTree(out.toString());
        assertThat(sent.path("id").textValue()).isEqualTo("x");
        assertThat(sent.path("type").textValue()).isEqualTo("execute-snapshot");
        assertThat(sent.path("via").textValue()).isEqualTo("log");
        assertThat(sent.path("slotActive").isBoolean()).isTrue();
        assertThat(sent.path("slotActive").booleanValue()).isFalse();
        assertThat(sent.path("data").path("data-collections").path(0).textValue())
                .isEqualTo("public.orders");
    }

    @Test
    void without_a_slot_nothing_is_sent() {
        assertThat(execute("public.orders")).isEqualTo(1);
        assertThat(err.toString()).contains("SLOT_UNUSABLE", slot(), "start the pipeline first");
    }

    @Test
    void a_table_that_is_not_captured_and_a_condition_that_does_not_fit_are_refused() throws Exception {
        createSlot();
        assertThat(execute("other.new")).isEqualTo(1);
        assertThat(err.toString()).contains("TABLE_MISSING", "other.new", "public.items, public.orders");
        assertThat(execute("--add", "public.nosuch")).isEqualTo(1);
        assertThat(execute("public.orders", "--where", "nosuch = 1")).isEqualTo(1);
        assertThat(err.toString()).contains("the condition does not fit public.orders", "nosuch");
        assertThat(received()).isEmpty();
    }

    @Test
    void wrong_usage_exits_with_2() {
        assertThat(execute()).isEqualTo(2);
        assertThat(execute("--pause", "--stop")).isEqualTo(2);
        assertThat(execute("--pause", "public.orders")).isEqualTo(2);
        assertThat(execute("--stop", "public.orders", "--where", "id = 1")).isEqualTo(2);
        assertThat(execute("public.(")).isEqualTo(2);
        assertThat(err.toString())
                .contains("name at least one table")
                .contains("mutually exclusive")
                .contains("is no regular expression")
                .doesNotContain("\tat ");
    }

    @Test
    void a_role_without_any_privilege_may_send() throws Exception {
        createSlot();
        String role = "r_" + database;
        postgres.execute(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'pw'");
        file = pipeline(role, "pw", "unused:1", "");
        assertThat(execute("public.orders")).as(err.toString()).isZero();
        assertThat(received()).hasSize(1);
    }

    @Test
    void a_role_that_may_write_no_message_is_told_of_kafka() throws Exception {
        createSlot();
        String role = "r_" + database;
        postgres.execute(
                database,
                "CREATE ROLE " + role + " LOGIN PASSWORD 'pw'",
                // Its arguments differ by version; what a database says of its functions holds for itself only.
                "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc WHERE proname ="
                        + " 'pg_logical_emit_message' LOOP EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || f || ' FROM PUBLIC';"
                        + " END LOOP; END $$");
        file = pipeline(role, "pw", "unused:1", "");
        assertThat(execute("public.orders")).isEqualTo(1);
        assertThat(err.toString()).contains("PRIVILEGE_MISSING", "signal.kafka.topic", "--via-kafka");
    }

    @Test
    void a_request_goes_through_the_signal_topic_if_asked() throws Exception {
        createSlot();
        assertThat(execute("public.orders", "--via-kafka")).isEqualTo(1);
        assertThat(err.toString()).contains("signal.kafka.topic");
        KafkaBroker kafka = SharedServers.kafka();
        String topic = "signals-" + database;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
        file = pipeline(
                postgres.user(),
                postgres.password(),
                kafka.bootstrapServers(),
                "  topic.prefix: pre\nsignal:\n  kafka.topic: " + topic + "\n");
        assertThat(execute("public.orders", "--via-kafka", "--id", "k"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("at offset 0 of topic " + topic);
        assertThat(received()).isEmpty();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return !records.isEmpty();
            });
            assertThat(records.get(0).key()).isEqualTo("pre");
            assertThat(SignalParser.parse(SignalEnvelope.read(records.get(0).value(), "none")))
                    .isInstanceOf(ExecuteSnapshot.class);
        }
    }
}
