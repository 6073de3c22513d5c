package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.SharedServers;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Chunks read in parallel, in order, and under one generation after the other. Readers are held by a condition that waits
 * for a lock of the test.
 */
@Tag("S4")
class ParallelSnapshotIT {
    /** Only readers copy; whoever plans the chunks goes by the condition as well. */
    private static final String HELD = """
            CREATE FUNCTION held() RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                IF current_query() LIKE 'COPY%' THEN
                    PERFORM pg_advisory_xact_lock_shared(4711);
                END IF;
                RETURN true;
            END $$""";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"2, 2", "0, 4"})
    void as_many_chunks_are_read_at_once_as_configured(int threadsMax, int expected) throws Exception {
        try (LocalPipeline pipeline = pipeline("t")) {
            pipeline.set("pipeline", "parallelism", "4").set("snapshot", "max.threads", String.valueOf(threadsMax));
            pipeline.sql(
                    HELD,
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "INSERT INTO t SELECT i, i FROM generate_series(1, 400) i");
            pipeline.start();
            pipeline.awaitRecords("t", 400);
            pipeline.awaitStreaming();
            try (Connection gate = closeGate(pipeline)) {
                pipeline.cdc("resnapshot", "public.t", "--where", "held()");
                pipeline.await(expected + " readers", () -> held(pipeline) == expected);
                // What is committed now passes the readers by: by then a further one would have come.
                for (int change = 1; change <= 3; change++) {
                    pipeline.sql("UPDATE t SET v = 'live' WHERE id = 1");
                    pipeline.awaitRecords("t", 400 + change);
                    assertThat(held(pipeline)).isEqualTo(expected);
                }
                gate.rollback();
            }
            long[] most = {0};
            pipeline.await("the end", () -> {
                most[0] = Math.max(most[0], copying(pipeline));
                return pipeline.gauge("t", "snapshotStage") == LocalPipeline.DONE;
            });
            assertThat(most[0]).isLessThanOrEqualTo(expected);
            // Of row 1, what the log brought is newer than what the snapshot shows, or is what it shows.
            pipeline.awaitRecords("t", 400 + 3 + 399);
            assertThat(pipeline.texts("t", 403)).doesNotHaveDuplicates();
            pipeline.requireOrder();
        }
    }

    @ParameterizedTest
    @CsvSource({"disabled, b;c;a", "ascending, a;b;c", "descending, c;b;a"})
    void tables_are_read_in_the_configured_order(String order, String expected) throws Exception {
        try (LocalPipeline pipeline = pipeline("b", "c", "a")) {
            pipeline.set("pipeline", "parallelism", "1").set("snapshot", "tables.order.by.row.count", order);
            String[] tables = {"a", "b", "c"};
            for (int i = 0; i < tables.length; i++) {
                pipeline.sql(
                        "CREATE TABLE " + tables[i] + " (id int PRIMARY KEY, v text)",
                        "INSERT INTO " + tables[i] + " SELECT i, i FROM generate_series(1, " + 50 * (i + 1) + ") i",
                        "ANALYZE " + tables[i]);
            }
            pipeline.start();
            pipeline.await("all rows", () -> pipeline.history().snapshotRows() == 300);
            List<String> read = Stream.of(tables)
                    .sorted(Comparator.comparingLong(
                            table -> times(pipeline, table).min().orElseThrow()))
                    .toList();
            assertThat(String.join(";", read)).isEqualTo(expected);
            for (int i = 1; i < read.size(); i++) {
                assertThat(times(pipeline, read.get(i)).min().orElseThrow())
                        .as(read.get(i) + " after all of " + read.get(i - 1))
                        .isGreaterThanOrEqualTo(
                                times(pipeline, read.get(i - 1)).max().orElseThrow());
            }
        }
    }

    @Test
    @Tag("S2")
    void an_old_generation_is_replaced_and_the_changes_stay_exact() throws Exception {
        try (LocalPipeline pipeline = pipeline("customers", "orders").set("snapshot", "generation.max-age", "1s")) {
            try (Connection connection = pipeline.connect()) {
                ShopDatabase.create(connection, 2_000);
            }
            pipeline.sql(HELD);
            pipeline.start();
            try (ShopWorkload load = ShopWorkload.start(pipeline::connect, 4, 120, 41)) {
                pipeline.awaitChanges("orders", 20);
                long run = pipeline.gauge("orders", "snapshotRun");
                long generation;
                try (Connection gate = closeGate(pipeline)) {
                    pipeline.cdc("resnapshot", "public.orders", "--where", "held()");
                    pipeline.await("readers", () -> held(pipeline) == 2);
                    generation = pipeline.gauge("enumerator.snapshotGeneration");
                    pipeline.await(
                            "a younger generation",
                            () -> pipeline.gauge("enumerator.snapshotGeneration") > generation + 1);
                    assertThat(held(pipeline)).as("chunks under way stay").isEqualTo(2);
                    pipeline.awaitChanges("orders", 10);
                    gate.rollback();
                }
                pipeline.awaitDone("orders", run);
                pipeline.awaitChanges("orders", 10);
            }
            pipeline.verify(List.of("customers", "orders"), ShopDatabase.KEYS);
            // Every generation was closed: nothing keeps VACUUM from its work.
            pipeline.await(
                    "no snapshot to be open",
                    () -> pipeline.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cdc-system "
                                    + pipeline.name()
                                    + "' AND backend_type = 'client backend' AND backend_xmin IS NOT NULL")
                            == 0);
        }
    }

    private LocalPipeline pipeline(String... tables) {
        return new LocalPipeline(folder, SharedServers.postgres(), tables);
    }

    /** From now on {@code held()} waits, until this is rolled back. */
    private static Connection closeGate(LocalPipeline pipeline) throws Exception {
        Connection gate = pipeline.connect();
        gate.setAutoCommit(false);
        try (Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(4711)");
        }
        return gate;
    }

    /** Readers that wait at the gate. */
    private static long held(LocalPipeline pipeline) throws Exception {
        return pipeline.number("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                + " WHERE l.locktype = 'advisory' AND NOT l.granted AND a.application_name = 'cdc-system "
                + pipeline.name() + "'");
    }

    /** Chunks that are being read. */
    private static long copying(LocalPipeline pipeline) throws Exception {
        return pipeline.number("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'"
                + " AND application_name = 'cdc-system " + pipeline.name() + "'");
    }

    /** When the rows of a table were published, microseconds. */
    private static LongStream times(LocalPipeline pipeline, String table) {
        return pipeline.events(table).stream()
                .mapToLong(event -> event.value().path("ts_us").asLong());
    }
}
