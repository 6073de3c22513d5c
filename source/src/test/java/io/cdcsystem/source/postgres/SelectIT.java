package io.cdcsystem.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.database.LogStart;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.preflight.PostgresPreflight;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.sql.Connection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Columns and rows of single tables, in snapshot and log alike. */
@Tag("S1")
@Tag("S5")
class SelectIT {
    private static final Map<PostgresVersion, PostgresServer> SERVERS = new EnumMap<>(PostgresVersion.class);

    @AfterAll
    static void stopServers() {
        SERVERS.values().forEach(PostgresServer::close);
    }

    @ParameterizedTest
    @EnumSource(names = {"V16", "V18"})
    void log_and_catalog_show_the_selected_columns_and_rows_only(PostgresVersion version) throws Exception {
        PostgresFixture pg = fixture(version);
        PostgresConfig config = select(pg.config("public.t", "public.u"), "region = 'eu'", "id", "region", "a");
        assertThat(errors(config)).isEmpty();
        assertThat(pg.single("SELECT count(*) FROM pg_publication"))
                .as("a check changes nothing")
                .isEqualTo("0");
        try (Database database = config.open()) {
            List<TableSchema> tables = database.discoverTables();
            assertThat(tables.get(0).columns()).extracting(Column::name).containsExactly("id", "region", "a");
            assertThat(tables.get(0).primaryKey()).containsExactly("id", "region");
            LogStart start = start(database);
            pg.execute(
                    "INSERT INTO t VALUES (1, 'eu', 1, 1), (2, 'us', 1, 1)",
                    "UPDATE t SET b = 2",
                    "UPDATE t SET region = 'eu' WHERE id = 2",
                    "INSERT INTO u VALUES (1)");
            List<RowChange> changes = LogRows.read(database, start, tables);
            assertThat(changes)
                    .extracting(change ->
                            change.table().id().name() + " " + change.op().code())
                    .containsExactly("t c", "t u", "t c", "u c");
            assertThat(changes.get(0).table()).isEqualTo(tables.get(0));
            database.verify(start.epoch(), start.token());
        }
        assertThat(described(config).rowFilter()).isEqualTo("region = 'eu'");
        assertThat(errors(config)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DEFAULT | b > 0 |        | where only these",
                "FULL    |       | id,region | leave out columns",
                "USING INDEX other | | id,region | every column of the replica identity",
                "NOTHING | id > 0 |  | REPLICA IDENTITY FULL"
            })
    void selection_that_would_break_the_users_own_writes_is_never_committed(
            String identity, @Nullable String where, @Nullable String columns, String remedy) throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V16);
        pg.execute(
                "ALTER TABLE t ALTER b SET NOT NULL",
                "CREATE UNIQUE INDEX other ON t (id, region, b)",
                "ALTER TABLE t REPLICA IDENTITY " + identity);
        PostgresConfig config =
                select(pg.config("public.t"), where, columns == null ? new String[0] : columns.split(",", -1));
        assertThat(errors(config)).anySatisfy(found -> {
            assertThat(found.message()).contains("the server would refuse every UPDATE and DELETE");
            assertThat(found.remedy()).contains(remedy);
        });
        assertThatThrownBy(() -> startAndClose(config))
                .isInstanceOf(CdcException.class)
                .hasMessageContainingAll("PUBLICATION_UNUSABLE", "the server would refuse", remedy);
        assertThat(pg.single("SELECT count(*) FROM pg_publication")).isEqualTo("0");
        assertThatCode(() -> pg.execute("INSERT INTO t VALUES (1, 'eu', 1, 1)", "DELETE FROM t"))
                .doesNotThrowAnyException();
    }

    @Test
    void row_filter_over_any_column_goes_with_full_identity() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V16);
        pg.execute("ALTER TABLE t REPLICA IDENTITY FULL");
        PostgresConfig config = select(pg.config("public.t"), "b > 0");
        startAndClose(config);
        assertThatCode(() -> pg.execute("INSERT INTO t VALUES (1, 'eu', 1, 1)", "UPDATE t SET b = 0"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TABLE t | publishes columns [id, region, a, b] of public.t",
                "TABLE t (id, region) | publishes columns [id, region] of public.t",
                "TABLE t (id, region, a) | publishes all rows of public.t",
                "TABLE t (id, region, a) WHERE (id > 6) | publishes the rows with (id > 6) of public.t"
            })
    void publication_that_differs_is_refused_until_the_statement_shown_mends_it(String part, String message)
            throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V18);
        PostgresConfig config = select(pg.config("public.t"), "id > 5 -- ours\n", "id", "region", "a");
        pg.execute("CREATE PUBLICATION pub_" + pg.database() + " FOR " + part);
        assertThatThrownBy(() -> startAndClose(config)).hasMessageContainingAll("PUBLICATION_UNUSABLE", message);
        Finding finding = errors(config).get(0);
        assertThat(finding.message()).contains(message);
        pg.execute(String.valueOf(finding.remedy()));
        assertThat(errors(config)).isEmpty();
        LogStart start = startAndClose(config);
        pg.execute("ALTER PUBLICATION pub_" + pg.database() + " SET TABLE t");
        try (Database database = config.open()) {
            assertThatThrownBy(() -> database.verify(start.epoch(), start.token()))
                    .hasMessageContaining("PUBLICATION_UNUSABLE");
        }
    }

    @Test
    void filter_in_other_words_is_the_same_filter_to_a_role_that_owns_nothing() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V16);
        String role = "role_" + pg.database();
        pg.execute(
                "CREATE PUBLICATION pub_" + pg.database() + " FOR TABLE t WHERE (t.id > 5 AND region IN ('eu', 'us'))",
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'secret'",
                "GRANT SELECT ON t TO " + role);
        PostgresConfig config =
                select(pg.configAs(role, "secret", "public.t"), "(id>5) and (t.region = ANY (ARRAY['eu','us']))");
        assertThat(errors(config)).isEmpty();
        startAndClose(config);
    }

    @Test
    void filter_of_a_publication_that_is_there_is_honoured() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V16);
        pg.execute("CREATE PUBLICATION pub_" + pg.database() + " FOR TABLE t (id, region) WHERE (id > 5)");
        PostgresConfig config = pg.config("public.t");
        assertThat(errors(config)).isEmpty();
        startAndClose(config);
        assertThat(described(config).rowFilter()).isEqualTo("(id > 5)");
        assertThat(described(config).schema().columns()).hasSize(2);
    }

    @Test
    void publication_of_all_tables_has_no_filter_and_serves_as_before() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V16);
        pg.execute("CREATE PUBLICATION pub_" + pg.database() + " FOR ALL TABLES");
        startAndClose(pg.config("public.t"));
        assertThat(described(pg.config("public.t")).rowFilter()).isNull();
        assertThatThrownBy(() -> startAndClose(select(pg.config("public.t"), "id > 5")))
                .hasMessageContaining("publishes all rows of public.t");
    }

    @Test
    void filter_of_a_table_whose_whole_schema_is_published_is_void() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V16);
        pg.execute("CREATE PUBLICATION pub_" + pg.database() + " FOR TABLE t WHERE (id > 5), TABLES IN SCHEMA public");
        assertThat(described(pg.config("public.t")).rowFilter()).isNull();
        startAndClose(pg.config("public.t"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a, id | | leaves out columns [region] of the key of public.t",
                "id, region, c | | asks for columns [c] of public.t",
                "id, region | nothing > 1 | does not take the condition nothing > 1",
                "id, region | id | does not take the condition id"
            })
    void selection_that_makes_no_sense_is_named(String columns, @Nullable String where, String message)
            throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V18);
        PostgresConfig config = select(pg.config("public.t"), where, columns.split(", ", -1));
        assertThatThrownBy(() -> startAndClose(config)).hasMessageContainingAll("CONFIG_INVALID", message);
        assertThat(errors(config))
                .anySatisfy(found -> assertThat(found.message()).contains(message));
    }

    @Test
    void selection_of_a_table_that_is_not_captured_is_a_finding() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V18);
        assertThat(errors(select(pg.config("public.u"), "id > 5")))
                .singleElement()
                .satisfies(found -> assertThat(found.message()).contains("public.t, which is not captured"));
    }

    @Test
    void added_table_is_published_as_selected() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V18);
        startAndClose(pg.config("public.u"));
        PostgresConfig config = select(pg.config("public.u", "public.t"), "id > 5");
        try (Database database = config.open()) {
            database.publish(database.discoverTables());
        }
        assertThat(pg.single("SELECT rowfilter FROM pg_publication_tables WHERE tablename = 't'"))
                .isEqualTo("(id > 5)");
    }

    @Test
    void server_without_partial_publications_takes_a_selection_for_a_snapshot_alone() throws Exception {
        PostgresFixture pg = fixture(PostgresVersion.V14);
        PostgresConfig config = select(pg.config("public.t"), "id > 5", "id", "region");
        assertThatThrownBy(() -> startAndClose(config)).hasMessageContainingAll("SETTING_UNUSABLE", "PostgreSQL 15");
        assertThat(errors(config)).singleElement().satisfies(found -> assertThat(found.message())
                .contains("PostgreSQL 15"));
        try (Database database = config.open()) {
            LogStart start = database.start(database.discoverTables(), new StartFrom.SnapshotOnly());
            Objects.requireNonNull(start.session()).close();
        }
        assertThat(described(config).schema().columns()).hasSize(2);
        assertThat(described(config).rowFilter()).isEqualTo("id > 5");
    }

    private static PostgresFixture fixture(PostgresVersion version) throws Exception {
        PostgresFixture pg = PostgresFixture.on(SERVERS.computeIfAbsent(
                version, wanted -> PostgresServer.builder().version(wanted).start()));
        pg.execute(
                "CREATE TABLE t (id int, region text, a int, b int, PRIMARY KEY (id, region))",
                "CREATE TABLE u (id int PRIMARY KEY)");
        return pg;
    }

    private static PostgresConfig select(PostgresConfig base, @Nullable String where, String... columns) {
        return new PostgresConfig(
                base.hostname(),
                base.port(),
                base.database(),
                base.username(),
                base.password(),
                base.tables(),
                base.slotName(),
                base.publicationName(),
                base.connectionProperties(),
                List.of(new TableSelect("public.t", List.of(columns), where, null)),
                null);
    }

    private static PgTable described(PostgresConfig config) throws Exception {
        Connection connection = new PgConnections(config).query();
        try {
            return new TableCatalog(connection, config)
                    .discover(config.tables())
                    .get(0);
        } finally {
            PgConnections.close(connection);
        }
    }

    private static LogStart start(Database database) {
        LogStart start = database.start(database.discoverTables(), new StartFrom.Snapshot(1, null));
        Objects.requireNonNull(start.session()).close();
        return start;
    }

    private static LogStart startAndClose(PostgresConfig config) {
        try (Database database = config.open()) {
            return start(database);
        }
    }

    private static List<Finding> errors(PostgresConfig config) {
        return PostgresPreflight.run(config).stream()
                .filter(found -> found.severity() == Severity.ERROR)
                .toList();
    }
}
