package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.verify.Findings;
import io.cdcsystem.testbed.verify.HistoryCheck;
import io.cdcsystem.testbed.verify.StateCheck;
import io.cdcsystem.testbed.verify.TopicEvent;
import io.cdcsystem.testbed.verify.TopicHistory;
import io.cdcsystem.testbed.verify.TopicReader;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;

/** A pipeline over a {@link TestDatabase}: its job on a {@link LossyCluster}, its topics, and what must be true of them. One thread. */
final class AnomalyPipeline implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Of a job that failed on its way out; Flink does not start it again, and the savepoint is as good as any. */
    private static final Pattern SAVEPOINT_OF_FAILED_JOB = Pattern.compile("savepoint has been created at: ([^, ]+),");

    /** What the metric of a table's stage says when nothing is left to be done. */
    private static final long STAGE_DONE = 5;

    private static final Duration SETTLING = Duration.ofSeconds(10);

    private final LossyCluster cluster;
    private final TestDatabase database;
    private final KafkaBroker kafka;
    private final String name;
    private final List<String> tables;
    private final Settings settings;
    private final TopicHistory committed = new TopicHistory();
    private final List<TopicEvent> events = new ArrayList<>();
    private final TopicReader committedReader;
    private @Nullable JobID job;
    private @Nullable String restorePoint;
    private int fence;
    private int signals;
    private boolean checkpointsByHand;
    private int checkpointsFailed;

    /** Of these tables and the fence, which comes last. */
    AnomalyPipeline(
            LossyCluster cluster, KafkaBroker kafka, TestDatabase database, Settings settings, String... tables) {
        this.cluster = cluster;
        this.kafka = kafka;
        this.database = database;
        this.settings = settings;
        this.name = "p_" + database.name().toLowerCase(Locale.ROOT);
        this.tables = new ArrayList<>(List.of(tables));
        this.tables.add(TestDatabase.FENCE);
        this.committedReader = new TopicReader(kafka.bootstrapServers(), true, TopicReader::json);
    }

    String name() {
        return name;
    }

    TestDatabase database() {
        return database;
    }

    JobID job() {
        JobID present = job;
        if (present == null) {
            throw new IllegalStateException("no job");
        }
        return present;
    }

    AnomalyPipeline start(int parallelism) throws Exception {
        job = cluster.submit(settings.config(name, database, kafka, tables, parallelism), restorePoint);
        return this;
    }

    /** Has the tables read again, as {@code ./cdc resnapshot} does. */
    void resnapshot(String... again) throws Exception {
        String names = Stream.of(again).map(table -> "\"public." + table + "\"").collect(Collectors.joining(","));
        database.execute("SELECT pg_logical_emit_message(true, 'cdc.signal:" + name + "', '{\"id\":\"" + ++signals
                + "\",\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[" + names + "]}}')");
    }

    /**
     * Starts for the first time, and holds the table before anything of it is planned or read, until the result is closed.
     *
     * <p>A lock taken before is waited for by the creation of the slot, one taken after it may be late. In between is the time
     * when the creation waits for the second of two transactions: it does so for what was open at the end of the first.
     */
    Session startHeldAt(String table, int parallelism) throws Exception {
        try (Session first = database.session();
                Session second = database.session()) {
            first.run("SELECT pg_current_xact_id()");
            start(parallelism);
            awaitWaitsFor(first);
            second.run("SELECT pg_current_xact_id()");
            first.commit();
            awaitWaitsFor(second);
            return holding(database.lock(table), () -> {
                second.commit();
                awaitSlot();
            });
        }
    }

    /** Starts for the first time, and holds the reader of the table's held row until the result is closed. */
    Session startHeldWithin(String table, int parallelism) throws Exception {
        try (Session lock = startHeldAt(table, parallelism)) {
            return holding(database.holdRows(), () -> {
                lock.close();
                awaitHeldAt("gate");
            });
        }
    }

    private interface Steps {
        void run() throws Exception;
    }

    /** A session that fails to be handed out must not stay: every new slot would wait for it. */
    private static Session holding(Session session, Steps steps) throws Exception {
        try {
            steps.run();
            return session;
        } catch (Exception | AssertionError e) {
            session.close();
            throw e;
        }
    }

    /** Waits until that run of a table's snapshot is complete. */
    void awaitSnapshotDone(String table, int run) {
        await(
                "the end of run " + run,
                () -> gauge(table, "snapshotRun").orElse(0L) == run
                        && gauge(table, "snapshotStage").orElse(0L) == STAGE_DONE);
    }

    /** Waits until the creation of the slot waits for that transaction. */
    void awaitWaitsFor(Session session) {
        await(
                "a slot that waits",
                () -> database.number("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender' AND "
                                + session.pid() + " = ANY (pg_blocking_pids(pid))")
                        > 0);
    }

    /** Ends the job in order; the next {@link #start} goes on from its savepoint. */
    void stopWithSavepoint() throws Exception {
        // A job between two attempts has none to give, and one whose TaskManager is lost may not know it yet.
        await("a savepoint", () -> {
            try {
                if (cluster.isRunning(job())) {
                    restorePoint = cluster.stopWithSavepoint(job());
                    return true;
                }
                return false;
            } catch (ExecutionException e) {
                Matcher path = SAVEPOINT_OF_FAILED_JOB.matcher(String.valueOf(e.getMessage()));
                boolean created = path.find();
                restorePoint = created ? path.group(1) : restorePoint;
                return created;
            }
        });
        job = null;
    }

    /** Ends the job as it stands; the next {@link #start} goes on from its newest checkpoint, if there is one. */
    void kill() throws Exception {
        String newest = cluster.cancel(job());
        restorePoint = newest == null ? restorePoint : newest;
        job = null;
    }

    void loseTaskManager() throws Exception {
        cluster.loseTaskManager();
    }

    void loseJobMaster() throws Exception {
        cluster.loseJobMaster(job());
    }

    /** Completes a checkpoint of what the job has done by now. */
    void checkpoint() throws Exception {
        awaitRunning();
        cluster.checkpoint(job());
    }

    private void tryCheckpoint() {
        try {
            cluster.checkpoint(job());
        } catch (Exception e) {
            // A job between two attempts has none to give; who waits asks again.
            checkpointsFailed++;
        }
    }

    void awaitRunning() {
        await("running tasks", () -> cluster.isRunning(job()));
    }

    /** The failures of the present job, newest first. */
    String failures() {
        return cluster.state(job());
    }

    Optional<Long> gauge(String gauge) {
        return cluster.enumeratorGauge(job(), gauge);
    }

    /** Completes checkpoints from now on whenever something is waited for, where none come by themselves. */
    void completeCheckpoints() {
        checkpointsByHand = settings.checkpointInterval().equals(Settings.NO_CHECKPOINTS);
    }

    Optional<Long> gauge(String table, String gauge) {
        return cluster.enumeratorGauge(job(), "table.public." + table + "." + gauge);
    }

    void await(String what, Callable<Boolean> condition) {
        Waiting.until(what, PATIENCE, this::diagnosis, condition);
    }

    /** Waits until a reader, planner or walsender of this pipeline waits for a lock on the relation. */
    void awaitHeldAt(String relation) {
        await("a reader held at " + relation, () -> database.isWaitedFor(relation, "cdc-system " + name));
    }

    void awaitSlot() {
        await(
                "the slot",
                () -> database.number("SELECT count(*) FROM pg_replication_slots WHERE slot_name = '" + name
                                + "' AND confirmed_flush_lsn IS NOT NULL")
                        > 0);
    }

    /** Waits until the log is read. */
    void awaitStreaming() {
        await(
                "streaming",
                () -> database.number("SELECT count(*) FROM pg_replication_slots WHERE slot_name = '" + name
                                        + "' AND active AND confirmed_flush_lsn IS NOT NULL")
                                > 0
                        && database.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cdc-system "
                                        + name + "' AND backend_type = 'walsender' AND query LIKE 'START_REPLICATION%'")
                                > 0);
    }

    /** What a read-committed consumer has seen by now. */
    TopicHistory published() {
        if (checkpointsByHand) {
            tryCheckpoint();
        }
        committedReader.readToEnd(topics(), event -> {
            events.add(event);
            committed.accept(event);
        });
        return committed;
    }

    /** Every record of a table's topic that a read-committed consumer has seen by now, in order. */
    List<TopicEvent> events(String table) {
        published();
        String topic = name + ".public." + table;
        return events.stream().filter(event -> event.topic().equals(topic)).toList();
    }

    /** Values that are no tombstones of a table's topic. */
    long count(String table) {
        return events(table).stream().filter(event -> event.value() != null).count();
    }

    /** The same as an uncommitted consumer sees it. */
    long countUncommitted(String table) {
        long[] count = {0};
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), false, TopicReader::json)) {
            reader.readToEnd(List.of(name + ".public." + table), event -> count[0] += event.value() == null ? 0 : 1);
        }
        return count[0];
    }

    void awaitCount(String table, long records) {
        await(records + " records of " + table, () -> count(table) >= records);
    }

    /** Waits until every change committed before this call is published, as far as the fence's own topic tells. */
    void awaitFence() throws Exception {
        int now = ++fence;
        database.execute("UPDATE fence SET n = " + now + " WHERE id = 1");
        await("the fence's change " + now, () -> {
            List<TopicEvent> seen = events(TestDatabase.FENCE);
            return !seen.isEmpty()
                    && seen.get(seen.size() - 1).value().path("after").path("n").asInt() == now;
        });
    }

    /** Final state and every history of a table keyed by {@code key} are those of the database, and nothing came twice. */
    void verify(String table, String... key) throws Exception {
        verifyHistory(table, key);
        assertThat(committed.rereads()).as("rows read twice").isZero();
    }

    /** The same, where a table may have been read again: further rows may stand in a history. */
    void verifyHistory(String table, String... key) throws Exception {
        awaitFence();
        try (Connection connection = database.connect()) {
            Findings[] findings = {new Findings()};
            // The fence's partition may be committed a moment before the others.
            Waiting.until("the end of " + table, SETTLING, () -> findings[0] + "\n" + diagnosis(), () -> {
                findings[0] = new Findings();
                return HistoryCheck.run(connection, List.of(table), published(), findings[0])
                        .isClean();
            });
            verifyState(connection, table, key);
        }
        assertThat(committed.findings()).as(name).isEmpty();
        assertThat(committed.repeats()).as("repeats").isZero();
    }

    /** The topic folded by key is the table. */
    void verifyState(String table, String... key) throws Exception {
        awaitFence();
        try (Connection connection = database.connect()) {
            verifyState(connection, table, key);
        }
    }

    private void verifyState(Connection connection, String table, String... key) {
        Findings[] findings = {new Findings()};
        Waiting.until("the state of " + table, SETTLING, () -> findings[0] + "\n" + diagnosis(), () -> {
            findings[0] = new Findings();
            return StateCheck.differences(connection, table, List.of(key), published(), findings[0]) == 0;
        });
    }

    private List<String> topics() {
        return tables.stream().map(table -> name + ".public." + table).toList();
    }

    private String diagnosis() {
        JobID present = job;
        return "pipeline " + name + ", failed checkpoints by hand " + checkpointsFailed + "\n"
                + (present == null ? "no job" : cluster.state(present)) + "\n" + database.activity();
    }

    /** Ends the job and gives the slot back. */
    @Override
    public void close() throws Exception {
        JobID present = job;
        if (present != null) {
            job = null;
            cluster.cancel(present);
        }
        committedReader.close();
        database.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '" + name
                + "' AND active");
        database.await("an idle slot", () -> {
            return database.number(
                            "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = '" + name + "'")
                    == 0;
        });
        database.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                + name + "'");
    }
}
