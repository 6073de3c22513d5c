package io.cdcsystem.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.job.config.PipelineConfig.Delivery;
import io.cdcsystem.job.config.PipelineConfig.FormatType;
import io.cdcsystem.job.schema.TablePolicies;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.registry.TlsConfig;
import io.cdcsystem.schema.registry.TlsStore;
import io.cdcsystem.schema.ruling.BreakingChangePolicy;
import io.cdcsystem.schema.ruling.SchemaPolicy;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SnapshotConfig.TableOrder;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.postgres.TableSelect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    private static final String MINIMAL = """
            name: shop
            source:
              type: postgres
              hostname: localhost
              database: shop
              username: cdc
              password: ${env:CDC_PASSWORD}
              tables: [ 'public.orders', 'public\\..*' ]
            sink:
              bootstrap.servers: localhost:9092
            """;

    @Test
    void a_minimal_file_gets_every_default() {
        PipelineConfig config = parse(MINIMAL);

        assertThat(config.name()).isEqualTo("shop");
        assertThat(config.source().port()).isEqualTo(5432);
        assertThat(config.source().password()).isEqualTo("s3cret");
        assertThat(config.source().tables()).containsExactly("public.orders", "public\\..*");
        assertThat(config.source().slotName()).isEqualTo("cdc_shop");
        assertThat(config.source().publicationName()).isEqualTo("cdc_shop");
        assertThat(config.snapshot()).isEqualTo(SnapshotConfig.DEFAULT);
        assertThat(config.source().select()).isEmpty();
        assertThat(config.format().type()).isEqualTo(FormatType.DEBEZIUM_JSON);
        assertThat(config.format().skippedOperations()).containsExactly(Op.TRUNCATE);
        assertThat(config.registry()).isNull();
        assertThat(config.sink().topicPrefix()).isEqualTo("shop");
        assertThat(config.sink().delivery()).isEqualTo(Delivery.AT_LEAST_ONCE);
        assertThat(config.sink().topics()).isEqualTo(new PipelineConfig.Topics(4, -1, Map.of()));
        assertThat(config.dedup()).isEqualTo(new PipelineConfig.Dedup(true, Duration.ofDays(7)));
        assertThat(config.execution()).isEqualTo(new PipelineConfig.Execution(1, 128, Duration.ofSeconds(10), false));
    }

    @Test
    void every_key_of_a_full_file_arrives() {
        PipelineConfig config = parse("""
                name: shop
                source:
                  type: postgres
                  hostname: db
                  port: 5433
                  username: cdc
                  password: plain
                  database: shop
                  tables: public.orders
                  slot.name: s1
                  publication.name: p1
                  connection: { sslmode: require }
                snapshot:
                  mode: from-position
                  position: 16/b374d848
                  chunk-size: 500
                  max.threads: 3
                  generation.max-age: 1h
                  chunk.target-time: 3s
                  tables.order.by.row.count: descending
                  select:
                    - table: public.orders
                      columns: [ id, total ]
                      where: total > 0, or so
                      chunk-key-column: placed
                format: { type: debezium-avro, skipped.operations: none, source.version: 3.0.0.Final, unavailable.value.placeholder: x }
                registry: { url: 'http://a:1/x,https://b:2', username: u, password: p, cache-ttl: 1h }
                sink:
                  type: kafka
                  bootstrap.servers: a:9092,b:9092
                  topic.prefix: pre
                  delivery-guarantee: exactly-once
                  transactional-id-prefix: tx
                  transaction-timeout: 20m
                  topic: { partitions: 3, replication-factor: 2, config: { retention.ms: 5 } }
                  producer: { compression.type: lz4 }
                  tombstones.on.delete: false
                  extended.headers.enabled: false
                dedup: { enabled: false, retention: 12h }
                pipeline: { parallelism: 2, max-parallelism: 256, checkpoint-interval: 500ms, bounded: true }
                """);

        assertThat(config.source().connectionProperties()).containsEntry("sslmode", "require");
        assertThat(config.snapshot())
                .isEqualTo(new SnapshotConfig(
                        SnapshotMode.FROM_POSITION,
                        "16/B374D848",
                        500,
                        3,
                        Duration.ofHours(1),
                        Duration.ofSeconds(3),
                        TableOrder.ROW_COUNT_DESCENDING));
        assertThat(config.source().select())
                .containsExactly(
                        new TableSelect("public.orders", List.of("id", "total"), "total > 0, or so", "placed"));
        assertThat(config.format().skippedOperations()).isEmpty();
        assertThat(config.registry())
                .isEqualTo(new PipelineConfig.Registry(
                        List.of("http://a:1/x", "https://b:2"), "u", "p", Duration.ofHours(1), null));
        assertThat(config.sink())
                .isEqualTo(new PipelineConfig.Sink(
                        "a:9092,b:9092",
                        "pre",
                        Delivery.EXACTLY_ONCE,
                        "tx",
                        Duration.ofMinutes(20),
                        new PipelineConfig.Topics(3, 2, Map.of("retention.ms", "5")),
                        Map.of("compression.type", "lz4"),
                        false,
                        false));
        assertThat(config.dedup().enabled()).isFalse();
        assertThat(config.execution()).isEqualTo(new PipelineConfig.Execution(2, 256, Duration.ofMillis(500), true));
    }

    @ParameterizedTest
    @CsvSource({
        "initial-only, INITIAL_ONLY",
        "initial_only, INITIAL_ONLY",
        "when_needed, WHEN_NEEDED",
        "no-data, NO_DATA",
        "never, NO_DATA",
        "latest, NO_DATA",
        "latest-offset, NO_DATA"
    })
    void a_snapshot_mode_may_be_written_as_elsewhere(String word, SnapshotMode mode) {
        assertThat(parse(MINIMAL + "snapshot: { mode: " + word + " }\n")
                        .snapshot()
                        .mode())
                .isEqualTo(mode);
    }

    @Test
    void a_pipeline_without_log_always_ends() {
        assertThat(parse(MINIMAL + "snapshot: { mode: initial_only }\n")
                        .execution()
                        .bounded())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode: sometimes | snapshot.mode (line 11): must be one of initial",
                "mode: from_position | snapshot.position (line 11): is required with snapshot.mode from_position",
                "mode: from_position, position: '12' | '12' is not a PostgreSQL LSN",
                "position: 1/2 | snapshot.position (line 11): only goes with snapshot.mode from_position",
                "select: [ { table: public.orders, colums: a } ] | snapshot.select[0].colums (line 11): is not a known key; did you mean columns?",
                "select: [ { columns: a } ] | snapshot.select[0].table (line 11): is required",
                "select: [ { table: public.orders }, { table: other.x } ] | snapshot.select[1].table (line 11): is not captured",
                "select: [ { table: public.a }, { table: public.a } ] | snapshot.select[1].table (line 11): stands in an entry before",
                "select: [ { table: public.a, where: '' } ] | snapshot.select[0].where (line 11): must not be blank",
                "select: [ x ] | snapshot.select[0] (line 11): must be a section of keys",
                "select: x | snapshot.select (line 11): must be a list of sections"
            })
    void what_is_wrong_in_the_snapshot_section_is_named(String keys, String problem) {
        assertThatThrownBy(() -> parse(MINIMAL + "snapshot: { " + keys + " }\n"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void all_problems_are_reported_together_numbered_with_path_and_line() {
        assertThatThrownBy(() -> parse("""
                        name: shop
                        sorce: {}
                        snapshot:
                          chunk-size: many
                        sink:
                          bootstrap.servers: localhost
                        """))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                .hasMessageContaining("test.yaml has 9 problems:")
                .hasMessageContaining("1. sorce (line 2): is not a known key; did you mean source?")
                .hasMessageContaining("2. snapshot.chunk-size (line 4): must be an integer, not 'many'")
                .hasMessageContaining("3. sink.bootstrap.servers (line 6): must be host:port")
                .hasMessageContaining("source.hostname: is required")
                .hasMessageContaining("source.tables: is required");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sink: { delivery-garantee: x }        | sink.delivery-garantee (line 10): is not a known key; did you mean delivery-guarantee?
            slot: { name: x }                     | slot (line 10): is not a known key
            snapshot: { chunk-size: 0 }           | snapshot.chunk-size (line 10): must be from 1 to
            snapshot: 5                           | snapshot (line 10): must be a section of keys, not a single value
            dedup: { enabled: yes please }        | dedup.enabled (line 10): must be true or false, not 'yes please'
            signal: { data.collection: signals }  | signal.data.collection (line 10): must be one table as schema.table
            signal: { kafka.topic: 'a b' }        | signal.kafka.topic (line 10): may hold letters, digits
            signal: { kafka.bootstrap.servers: x } | signal.kafka.bootstrap.servers (line 10): must be host:port
            signal: { consumer: { auto.offset.reset: earliest } } | signal.consumer (line 10): auto.offset.reset is set by the pipeline
            dedup: { retention: 7 }               | dedup.retention (line 10): must be a duration such as
            dedup: { retention: 0d }              | dedup.retention (line 10): must be longer than 0
            format: { type: debezium-jsn }        | format.type (line 10): must be one of debezium-json | debezium-avro, not 'debezium-jsn'; did you mean debezium-json?
            format: { type: debezium-avro }       | registry.url: is required with format.type debezium-avro
            format: { skipped.operations: 'd,q' } | skipped.operations is 'd,q': write a comma list
            registry: { url: 'ftp://x' }          | registry.url (line 10): must be http://
            registry: { url: 'http://u:pw@x' }    | registry.url (line 10): must be http://
            registry: { url: 'http://x', username: u } | registry.password (line 10): is required: both or none
            registry: { cache-ttl: 5m }           | registry.url (line 10): is required in a registry section
            pipeline: { checkpoint-interval: 0s } | pipeline.checkpoint-interval (line 10): cannot be 0: positions are confirmed
            pipeline: { parallelism: 0 }          | pipeline.parallelism (line 10): must be from 1
            name: again                           | name (line 10): is given twice; first in line 1
            """)
    void a_wrong_line_is_named_and_explained(String line, String expected) {
        String text = MINIMAL.replace("sink:\n  bootstrap.servers: localhost:9092\n", "");
        String sink = line.startsWith("sink:") ? "" : "sink: { bootstrap.servers: 'localhost:9092' }\n";
        assertThatThrownBy(() -> parse(text.stripTrailing() + "\n" + filler(sink) + line + "\n"))
                .hasMessageContaining(expected);
    }

    /** Keeps the line under test at line 10. */
    private static String filler(String sink) {
        return sink.isEmpty() ? "#\n" : sink;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            delivery-guarantee: exactly-once, transaction-timeout: 5s  | pipeline.checkpoint-interval: must be shorter than sink.transaction-timeout
            producer: { acks: 1 }                | acks must be all
            producer: { enable.idempotence: false } | enable.idempotence must stay on
            producer: { transactional.id: x }    | transactional.id is set by the pipeline from sink.transactional-id-prefix
            producer: [ a ]                      | sink.producer (line 10): must be a section of properties, not a list
            producer: { a: [ b ] }               | sink.producer.a (line 10): must be a single value, not a list
            topic.prefix: 'a b'                  | sink.topic.prefix (line 10): may hold
            topic: { replication-factor: 0 }     | sink.topic.replication-factor (line 10): must be at least 1, or -1
            """)
    void a_wrong_sink_is_named_and_explained(String entry, String expected) {
        String text = MINIMAL.replace(
                "sink:\n  bootstrap.servers: localhost:9092\n",
                "# the sink\nsink: { bootstrap.servers: 'localhost:9092', " + entry + " }\n");
        assertThatThrownBy(() -> parse(text)).hasMessageContaining(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            type: postgres      | type: mysql        | source.type (line 3): must be one of postgres
            hostname: localhost | hostname:          | source.hostname (line 4): is required
            hostname: localhost | hostname: ' '      | source.hostname (line 4): must not be blank
            database: shop      | database: [ a ]    | source.database (line 5): must be a single value, not a list
            database: shop      | port: 70000        | source.port (line 5): must be from 1 to 65535
            'public.orders'     | 'orders'           | 'orders' is not of the form schema.table
            'public.orders'     | 'public.('         | 'public.(' is no regular expression:
            username: cdc       | slot.name: Big     | source.slot.name (line 6): may hold a-z, 0-9 and '_' only
            name: shop          | name: a/b          | name (line 1): may hold letters
            ${env:CDC_PASSWORD} | ${env:CDC_NOTHING} | source.password (line 7): environment variable CDC_NOTHING is not set
            ${env:CDC_PASSWORD} | ${file:none}       | cannot be read (NoSuchFileException)
            ${env:CDC_PASSWORD} | ${vault:x}         | ${vault:x} is no reference; write ${env:NAME} or ${file:path}
            """, quoteCharacter = '"')
    void a_wrong_source_is_named_and_explained(String from, String to, String expected) {
        assertThatThrownBy(() -> parse(MINIMAL.replaceFirst(
                        java.util.regex.Pattern.quote(from), java.util.regex.Matcher.quoteReplacement(to))))
                .hasMessageContaining(expected);
    }

    @Test
    void exactly_once_without_checkpoints_is_refused_with_its_reason() {
        String text = MINIMAL + "  delivery-guarantee: exactly-once\npipeline: { checkpoint-interval: 0s }\n";
        assertThatThrownBy(() -> parse(text)).hasMessageContaining("exactly-once publishes only at checkpoints");
    }

    @Test
    void schemas_inside_avro_are_refused() {
        String text = MINIMAL
                + "format: { type: debezium-avro, schemas-enable: true }\nregistry: { url: 'http://localhost:8081' }\n";
        assertThatThrownBy(() -> parse(text)).hasMessageContaining("only applies to debezium-json");
    }

    @Test
    void broken_yaml_is_named_with_its_line_and_without_its_content() {
        assertThatThrownBy(() -> parse("name: shop\nsource: { password: hunter2\n"))
                .hasMessageContaining("is not valid YAML")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> parse("")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> parse("- a\n"))
                .hasMessageContaining("must be a section of keys at its top, not a list");
        assertThatThrownBy(() -> parse("a: 1\n---\nb: 2\n")).hasMessageContaining("more than one YAML document");
        assertThatThrownBy(() -> parse("a: &x 1\nb: *x\n")).hasMessageContaining("uses a YAML alias");
    }

    @Test
    void secrets_come_from_environment_and_files_beside_the_pipeline_file(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("secret"), "from-file\n");
        Path file = Files.writeString(
                folder.resolve("p.yaml"),
                MINIMAL.replace("${env:CDC_PASSWORD}", "a-${file:secret}-${env:CDC_PASSWORD}"));

        PipelineConfig config = loader().load(file);

        assertThat(config.source().password()).isEqualTo("a-from-file-s3cret");
    }

    @Test
    void secrets_never_appear_in_text_or_messages() {
        String text = MINIMAL
                + "  producer: { sasl.jaas.config: 'user ${env:CDC_PASSWORD}' }\n"
                + "registry: { url: 'http://localhost:1', username: u, password: '${env:CDC_PASSWORD}' }\n";
        assertThat(parse(text).toString()).contains("shop").doesNotContain("s3cret");
        assertThatThrownBy(() -> parse(text.replace("hostname: localhost", "port: ${env:CDC_PASSWORD}")))
                .hasMessageContaining("must be an integer, not '${env:CDC_PASSWORD}'")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    @Tag("E11")
    void schema_policies_come_by_table_and_inherit_what_they_leave_out() {
        PipelineConfig.Schema defaults = parse(MINIMAL).schema();
        assertThat(defaults.policies()).isEqualTo(TablePolicies.all(SchemaPolicy.DEFAULT));
        assertThat(defaults.pauseScope()).isEqualTo(SchemaGateConfig.Scope.TABLE);
        assertThat(defaults.backlogBytesMax()).isEqualTo(64L << 20);

        PipelineConfig.Schema schema = parse(MINIMAL + """
                schema:
                  compatibility: full-transitive
                  on-breaking-change: dead-letter
                  pause.scope: pipeline
                  pause.backlog-max: 1GB
                  overrides:
                    - tables: [ 'public.audit.*', other.* ]
                      compatibility: none
                    - { tables: public.*, on-breaking-change: ignore-column }
                """).schema();

        assertThat(schema.pauseScope()).isEqualTo(SchemaGateConfig.Scope.PIPELINE);
        assertThat(schema.backlogBytesMax()).isEqualTo(1L << 30);
        assertThat(policy(schema, "public", "audit_log"))
                .isEqualTo(new SchemaPolicy(CompatibilityMode.NONE, BreakingChangePolicy.DEAD_LETTER));
        assertThat(policy(schema, "public", "orders"))
                .isEqualTo(new SchemaPolicy(CompatibilityMode.FULL_TRANSITIVE, BreakingChangePolicy.IGNORE_COLUMN));
        assertThat(policy(schema, "third", "orders"))
                .isEqualTo(new SchemaPolicy(CompatibilityMode.FULL_TRANSITIVE, BreakingChangePolicy.DEAD_LETTER));
    }

    @Test
    @Tag("E8")
    void a_registrys_certificates_come_from_files_and_print_no_password() {
        PipelineConfig.Registry registry = parse(MINIMAL + """
                registry:
                  url: [ 'https://a:1', 'http://b:2' ]
                  ssl.truststore.location: /certs/trust.pem
                  ssl.truststore.type: pem
                  ssl.keystore.location: /certs/own.p12
                  ssl.keystore.password: storepw
                  ssl.key.password: keypw
                """).registry();

        assertThat(registry).isNotNull();
        assertThat(registry.tls())
                .isEqualTo(new TlsConfig(
                        new TlsStore("/certs/trust.pem", TlsStore.Type.PEM, null),
                        new TlsStore("/certs/own.p12", TlsStore.Type.PKCS12, "storepw"),
                        "keypw"));
        assertThat(registry.client(registry.urls()).tls()).isEqualTo(registry.tls());
        assertThat(registry.client(List.of("http://b:2")).tls()).isNull();
        assertThat(registry.toString()).doesNotContain("pw");
    }

    @ParameterizedTest
    @CsvSource({
        "'ssl.truststore.location: /t',registry.ssl.truststore.location,https",
        "'ssl.truststore.password: x',registry.ssl.truststore.password,location",
        "'ssl.key.password: x',registry.ssl.key.password,keystore",
        "'ssl.truststore.typ: pem',registry.ssl.truststore.typ,did you mean"
    })
    void a_registrys_wrong_certificates_are_named(String line, String path, String expected) {
        assertThatThrownBy(() -> parse(MINIMAL + "registry:\n  url: http://a:1\n  " + line + "\n"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining(path)
                .hasMessageContaining(expected);
    }

    private static SchemaPolicy policy(PipelineConfig.Schema schema, String namespace, String table) {
        return schema.policies().of(new TableId("shop", namespace, table));
    }

    @Test
    @Tag("E11")
    void all_that_is_wrong_in_the_schema_section_is_named() {
        assertThatThrownBy(() -> parse(MINIMAL + """
                schema:
                  compatibility: backwards
                  on-breaking-change: stop
                  pause.backlog-max: 64
                  pause.scop: table
                  overrides:
                    - { compatibility: ful, on-breaking-change: fial }
                    - { tables: 'orders' }
                """))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("schema.compatibility")
                .hasMessageContaining("did you mean")
                .hasMessageContaining("schema.on-breaking-change")
                .hasMessageContaining("schema.pause.backlog-max")
                .hasMessageContaining("64mb")
                .hasMessageContaining("schema.pause.scop")
                .hasMessageContaining("schema.overrides[0].tables")
                .hasMessageContaining("schema.overrides[0].compatibility")
                .hasMessageContaining("schema.overrides[0].on-breaking-change")
                .hasMessageContaining("schema.overrides[1].tables");
    }

    @Test
    void signals_come_from_the_sinks_cluster_unless_said_otherwise() {
        PipelineConfig.Signals none = parse(MINIMAL).signal();
        assertThat(none).isEqualTo(new PipelineConfig.Signals(null, "localhost:9092", Map.of()));
        PipelineConfig config = parse(MINIMAL + """
                signal:
                  data.collection: ops.debezium_signal
                  kafka.topic: signals
                  kafka.bootstrap.servers: other:9092
                  consumer: { sasl.jaas.config: '${env:CDC_PASSWORD}' }
                """);
        assertThat(config.source().signalTable()).isEqualTo("ops.debezium_signal");
        assertThat(config.signal())
                .isEqualTo(new PipelineConfig.Signals("signals", "other:9092", Map.of("sasl.jaas.config", "s3cret")));
        assertThat(config.signal().toString()).doesNotContain("s3cret");
    }

    @Test
    void a_missing_file_is_said_to_be_missing(@TempDir Path folder) {
        assertThatThrownBy(() -> loader().load(folder.resolve("none.yaml"))).hasMessageContaining("does not exist");
    }

    private static PipelineConfig parse(String text) {
        return loader().parse(text, "test.yaml", Path.of("."));
    }

    private static ConfigLoader loader() {
        return new ConfigLoader(Map.of("CDC_PASSWORD", "s3cret")::get);
    }
}
