package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import io.cdcsystem.testbed.verify.Findings;
import io.cdcsystem.testbed.verify.HistoryCheck;
import io.cdcsystem.testbed.verify.StateCheck;
import io.cdcsystem.testbed.verify.TopicHistory;
import io.cdcsystem.testbed.verify.TopicReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 200 000 rows in three tables, eight connections writing overlapping transactions during snapshot, switch and streaming;
 * the job killed and restored in each. An audit that triggers keep says what every change was.
 */
@Tag("S1")
@Tag("S2")
@Tag("S3")
@Tag("S5")
@Tag("S6")
@Tag("L2")
@Tag("L4")
@Tag("L5")
@Tag("L6")
@Tag("O5")
class ExactnessIT {
    private static final int ROWS = 200_000;
    private static final int WRITERS = 8;
    private static final int TRANSACTIONS_PER_SECOND = 300;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static PostgresServer postgres;
    private static KafkaBroker kafka;

    @TempDir
    Path folder;

    private String database;
    private long loaded;
    private PipelineFile pipeline;
    private Path file;

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

    @Test
    void undisturbed_at_least_once_publishes_every_change_once() throws Exception {
        prepare("calm", "at-least-once");
        try (CdcProcess job = CdcProcess.run(folder, file, folder.resolve("state"), 2)) {
            try (ShopWorkload load = startLoad()) {
                awaitSwitch(job);
                awaitCommitted(load, load.committed() + 1500);
            }
            Verified verified = verify(job, true, HistoryCheck::run);
            assertThat(verified.history.repeats() + verified.history.rereads()).isZero();
        }
    }

    @Test
    void exactly_once_survives_kills_in_snapshot_switch_and_streaming_without_a_repeat() throws Exception {
        prepare("once", "exactly-once");
        Verified verified = throughKills();
        assertThat(verified.history.repeats() + verified.history.rereads()).isZero();
    }

    @Test
    void at_least_once_after_kills_repeats_only_what_the_position_headers_show() throws Exception {
        prepare("atleast", "at-least-once");
        throughKills();
    }

    private void prepare(String name, String guarantee) throws SQLException {
        database = postgres.createDatabase();
        try (Connection connection = postgres.connect(database)) {
            loaded = ShopDatabase.create(connection, ROWS);
        }
        for (String gate : List.of("yy_gate", "zz_gate")) {
            postgres.execute(
                    database, "CREATE TABLE " + gate + " (id int PRIMARY KEY)", "INSERT INTO " + gate + " VALUES (1)");
        }
        pipeline = PipelineFile.of(
                        name,
                        postgres,
                        database,
                        kafka,
                        List.of(
                                "public.customers",
                                "public.orders",
                                "public.order_items",
                                "public.yy_gate",
                                "public.zz_gate"))
                .guarantee(guarantee)
                .chunkSize(1_000);
        file = pipeline.write(folder);
    }

    private ShopWorkload startLoad() {
        return ShopWorkload.start(() -> postgres.connect(database), WRITERS, TRANSACTIONS_PER_SECOND, 7);
    }

    private Verified throughKills() throws Exception {
        Path state = folder.resolve("state");
        try (ShopWorkload load = startLoad()) {
            try (Connection gate = postgres.connect(database);
                    Connection lastGate = postgres.connect(database)) {
                CdcProcess first = CdcProcess.run(folder, file, state, 2);
                awaitSlot(first);
                close(gate, "yy_gate");
                close(lastGate, "zz_gate");
                await(first, "rows of the snapshot", () -> written() > loaded / 10);
                awaitCheckpoint(first, state);
                first.kill();
                gate.rollback();
                // Killed again right away, at another parallelism, while the second generation reads.
                CdcProcess second = CdcProcess.run(folder, file, state, 3);
                awaitRowOf("yy_gate", second);
                second.kill();
                lastGate.rollback();
            }
            CdcProcess third = CdcProcess.run(folder, file, state, 2);
            // All rows of the snapshot are out: the switch.
            awaitRowOf("zz_gate", third);
            third.kill();
            CdcProcess fourth = CdcProcess.run(folder, file, state, 1);
            awaitSwitch(fourth);
            awaitCommitted(load, load.committed() + 500);
            fourth.kill();
            CdcProcess fifth = CdcProcess.run(folder, file, state, 2);
            awaitCommitted(load, load.committed() + 500);
            awaitCheckpoint(fifth, state);
            assertThat(fifth.terminate()).as(fifth.log()).isZero();
            awaitCommitted(load, load.committed() + 200);
        }
        try (CdcProcess last = CdcProcess.run(folder, file, state, 3)) {
            return pipeline.guarantee().equals("exactly-once")
                    ? verify(last, true, HistoryCheck::run)
                    : verify(last, false, HistoryCheck::runAfterKills);
        }
    }

    private void awaitSlot(CdcProcess job) {
        await(
                job,
                "the slot",
                () -> exists("SELECT 1 FROM pg_replication_slots WHERE slot_name = '" + pipeline.name()
                        + "' AND confirmed_flush_lsn IS NOT NULL"));
    }

    /** Locks a table, so that no snapshot can end before we say so; only once the slot stands, which waits for locks. */
    private static void close(Connection gate, String table) throws SQLException {
        gate.setAutoCommit(false);
        try (Statement statement = gate.createStatement()) {
            statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
        }
    }

    private void awaitRowOf(String gate, CdcProcess job) {
        await(job, "the row of " + gate, () -> {
            long[] rows = {0};
            try (TopicReader reader = reader(false)) {
                reader.readToEnd(List.of(pipeline.name() + ".public." + gate), event -> rows[0]++);
            }
            return rows[0] > 0;
        });
    }

    /** The first changes of the log are out. */
    private void awaitSwitch(CdcProcess job) {
        await(job, "changes of the log", () -> {
            TopicHistory history = published(false);
            return history.records() > history.snapshotRows() + history.repeats();
        });
    }

    private void awaitCheckpoint(CdcProcess job, Path state) {
        long before = newestCheckpoint(state);
        await(job, "a checkpoint", () -> newestCheckpoint(state) > before);
    }

    private static long newestCheckpoint(Path state) {
        try (var files = java.nio.file.Files.walk(state)) {
            return files.filter(file -> file.endsWith("_metadata"))
                    .mapToLong(file -> file.toFile().lastModified())
                    .max()
                    .orElse(0);
        } catch (java.io.IOException | java.io.UncheckedIOException vanished) {
            return 0;
        }
    }

    private void awaitCommitted(ShopWorkload load, long transactions) {
        Awaitility.await().atMost(PATIENCE).until(() -> load.committed() >= transactions);
    }

    private static void await(CdcProcess job, String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(job.isAlive())
                    .as("cdc ended while %s was awaited:%n%s", what, job.log())
                    .isTrue();
            assertThat(System.nanoTime())
                    .as("%s did not come:%n%s", what, job.log())
                    .isLessThan(deadline);
        }
    }

    private boolean exists(String query) {
        try (Connection connection = postgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next();
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    /** Records of the topics by their offsets, those of open transactions included. */
    private long written() {
        try (TopicReader reader = reader(false)) {
            return reader.count(pipeline.topics());
        }
    }

    private TopicReader reader(boolean committedOnly) {
        return new TopicReader(kafka.bootstrapServers(), committedOnly, TopicReader::json);
    }

    private TopicHistory published(boolean committedOnly) {
        TopicHistory history = new TopicHistory();
        try (TopicReader reader = reader(committedOnly)) {
            reader.readToEnd(pipeline.topics(), history::accept);
        }
        return history;
    }

    private record Verified(TopicHistory history) {}

    private interface Comparison {
        HistoryCheck.Result run(Connection database, List<String> tables, TopicHistory topics, Findings findings)
                throws SQLException;
    }

    /** Waits until nothing audited is missing any more, then compares everything. */
    private Verified verify(CdcProcess job, boolean committedOnly, Comparison comparison) throws Exception {
        TopicHistory history = new TopicHistory();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE.toSeconds());
        try (TopicReader reader = reader(committedOnly);
                Connection connection = postgres.connect(database)) {
            while (true) {
                reader.readToEnd(pipeline.topics(), history::accept);
                Findings findings = new Findings();
                HistoryCheck.Result changes = comparison.run(connection, ShopDatabase.TABLES, history, findings);
                if (changes.isClean() || System.nanoTime() > deadline) {
                    assertThat(changes.lost()).as("%s%n%s", findings, job.log()).isZero();
                    assertThat(changes.invented()).as("%s", findings).isZero();
                    assertThat(history.disordered())
                            .as("%s", history.findings())
                            .isZero();
                    assertThat(history.findings()).isEmpty();
                    for (Map.Entry<String, List<String>> table : ShopDatabase.KEYS.entrySet()) {
                        assertThat(StateCheck.differences(
                                        connection, table.getKey(), table.getValue(), history, findings))
                                .as("%s", findings)
                                .isZero();
                    }
                    assertThat(history.records()).isGreaterThan(loaded);
                    return new Verified(history);
                }
                assertThat(job.isAlive()).as(job.log()).isTrue();
            }
        }
    }
}
