package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/** {@code ./cdc check} against each thing that can be wrong, caused for real. */
@Tag("L1")
class CheckCommandIT {
    private static PostgresServer postgres;
    private static KafkaBroker kafka;

    @TempDir
    Path folder;

    private String database;
    private PipelineFile pipeline;

    @BeforeAll
    static void startServers() {
        postgres = PostgresServer.start();
        kafka = KafkaBroker.startProcess();
    }

    @AfterAll
    static void stopServers() {
        kafka.close();
        postgres.close();
    }

    @BeforeEach
    void createTable() throws Exception {
        database = postgres.createDatabase();
        postgres.execute(database, "CREATE TABLE t (id int PRIMARY KEY, a text)");
        pipeline = PipelineFile.of("check_" + database, postgres, database, kafka, List.of("public.t"));
    }

    @Test
    void a_sound_pipeline_passes_with_exit_code_0() throws Exception {
        Checked checked = check(text());
        assertThat(checked.exitCode).as(checked.output).isZero();
    }

    @Test
    void wrong_password() throws Exception {
        Checked checked = check(text().replace("password: " + postgres.password(), "password: wrong-secret"));
        assertThat(checked.exitCode).isEqualTo(2);
        assertThat(checked.output).contains("password authentication failed").doesNotContain("wrong-secret");
    }

    @Test
    void wal_level_is_not_logical() throws Exception {
        try (PostgresServer replica =
                PostgresServer.builder().setting("wal_level", "replica").start()) {
            String name = replica.createDatabase();
            replica.execute(name, "CREATE TABLE t (id int PRIMARY KEY)");
            pipeline = PipelineFile.of("replica", replica, name, kafka, List.of("public.t"));
            Checked checked = check(text());
            assertThat(checked.exitCode).isEqualTo(2);
            assertThat(checked.output).contains("wal_level", "replica", "ALTER SYSTEM SET wal_level = 'logical'");
        }
    }

    @Test
    void replication_privilege_is_missing() throws Exception {
        String role = "r_" + database;
        postgres.execute(
                database,
                "CREATE ROLE " + role + " LOGIN PASSWORD 'pw'",
                "GRANT SELECT ON t TO " + role,
                "CREATE PUBLICATION " + pipeline.name() + " FOR TABLE t");
        Checked checked = check(text().replace("username: " + postgres.user(), "username: " + role)
                .replace("password: " + postgres.password(), "password: pw"));
        assertThat(checked.exitCode).isEqualTo(2);
        assertThat(checked.output).contains("REPLICATION", "ALTER ROLE");
    }

    @Test
    void table_without_primary_key() throws Exception {
        postgres.execute(database, "ALTER TABLE t DROP CONSTRAINT t_pkey");
        Checked checked = check(text());
        assertThat(checked.exitCode).isNotZero();
        assertThat(checked.output).contains("public.t", "primary key");
    }

    @Test
    void slot_in_use_by_another() throws Exception {
        try (Connection other = replication()) {
            try (Statement statement = other.createStatement()) {
                statement.execute("CREATE_REPLICATION_SLOT " + pipeline.name() + " LOGICAL pgoutput");
            }
            postgres.execute(database, "CREATE PUBLICATION " + pipeline.name() + " FOR TABLE t");
            PGReplicationStream stream = other.unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(pipeline.name())
                    .withSlotOption("proto_version", 1)
                    .withSlotOption("publication_names", pipeline.name())
                    .start();
            Checked checked = check(text());
            stream.close();
            assertThat(checked.exitCode).isEqualTo(2);
            assertThat(checked.output).contains(pipeline.name(), "in use by the process", "pg_terminate_backend");
        }
    }

    @Test
    void publication_lacks_a_table() throws Exception {
        String role = "p_" + database;
        postgres.execute(
                database,
                "CREATE TABLE u (id int PRIMARY KEY)",
                "CREATE PUBLICATION " + pipeline.name() + " FOR TABLE t",
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'pw'",
                "GRANT SELECT ON t, u TO " + role);
        pipeline = PipelineFile.of(pipeline.name(), postgres, database, kafka, List.of("public.t", "public.u"));
        Checked checked = check(text().replace("username: " + postgres.user(), "username: " + role)
                .replace("password: " + postgres.password(), "password: pw"));
        assertThat(checked.exitCode).isEqualTo(2);
        assertThat(checked.output).contains("ALTER PUBLICATION", "public", "u");
    }

    @Test
    void kafka_is_down() throws Exception {
        Checked checked = check(text().replace(kafka.bootstrapServers(), "127.0.0.1:1"));
        assertThat(checked.exitCode).isEqualTo(2);
        assertThat(checked.output).contains("kafka", "127.0.0.1:1");
    }

    @Test
    void registry_is_down() throws Exception {
        pipeline = pipeline.avro("http://127.0.0.1:1");
        Checked checked = check(text());
        assertThat(checked.exitCode).isEqualTo(2);
        assertThat(checked.output).contains("registry", "127.0.0.1:1");
    }

    @Test
    @Tag("L3")
    void event_triggers_are_installed_and_removed() throws Exception {
        assertThat(check(text()).output).contains("event triggers: not installed");
        Checked installed = check(text(), "--install");
        assertThat(installed.exitCode).isZero();
        assertThat(installed.output).contains("event triggers: installed", "event triggers: version 1");
        String role = "n_" + database;
        postgres.execute(
                database,
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'pw'",
                "ALTER EVENT TRIGGER cdc_system_sql_drop DISABLE");
        Checked refused = check(
                text().replace("username: " + postgres.user(), "username: " + role)
                        .replace("password: " + postgres.password(), "password: pw"),
                "--install");
        assertThat(refused.exitCode).isEqualTo(2);
        assertThat(refused.output).contains("takes a superuser", "only 2 of its event triggers fire");
        assertThat(check(text(), "--uninstall").output).contains("event triggers: not installed");
    }

    @Test
    void unknown_yaml_key() throws Exception {
        Checked checked = check(text().replace("chunk-size:", "chunk-sise:"));
        assertThat(checked.exitCode).isEqualTo(2);
        assertThat(checked.output).contains("snapshot.chunk-sise", "did you mean", "chunk-size");
    }

    private Connection replication() throws Exception {
        java.util.Properties properties = new java.util.Properties();
        PGProperty.USER.set(properties, postgres.user());
        PGProperty.PASSWORD.set(properties, postgres.password());
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        return java.sql.DriverManager.getConnection(postgres.jdbcUrl(database), properties);
    }

    private String text() throws Exception {
        return Files.readString(pipeline.write(folder));
    }

    private record Checked(int exitCode, String output) {}

    private Checked check(String text, String... options) throws Exception {
        Path file = Files.writeString(folder.resolve("check.yaml"), text);
        try (CdcProcess check = CdcProcess.start(folder, "256m", arguments(file, options))) {
            int exitCode = check.await();
            return new Checked(exitCode, check.log());
        }
    }

    private static List<String> arguments(Path file, String... options) {
        List<String> arguments = new ArrayList<>(List.of("check", "-c", file.toString()));
        arguments.addAll(List.of(options));
        return arguments;
    }
}
