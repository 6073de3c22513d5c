package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.load.KeyedWorkload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each interruption at each step on the way from nothing to the log, while others write. */
@Tag("S6")
@Tag("L5")
@Tag("O5")
class EnumeratorStepsIT {
    private static final int ROWS = 60;
    private static final int KEYS = 80;
    private static final int WRITERS = 2;
    private static final int WRITE_PAUSE_MILLIS = 4;

    /** Where the enumerator stands when it is struck, and how it is brought there. */
    enum Step {
        CREATING_THE_SLOT(true) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                Session open = pipeline.database().session().run("SELECT pg_current_xact_id()");
                held.add(open);
                pipeline.start(2);
                pipeline.awaitWaitsFor(open);
            }
        },
        NOTHING_READ(true) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                held.add(pipeline.startHeldAt("t", 2));
                pipeline.awaitHeldAt("t");
                pipeline.checkpoint();
            }
        },
        SOME_CHUNKS_READ(true) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                held.add(pipeline.startHeldWithin("t", 2));
                pipeline.awaitCount("t", 10);
            }
        },
        ALL_READ(false) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                pipeline.start(2);
                pipeline.await(
                        "all rows",
                        () -> pipeline.gauge("snapshotTables").orElse(0L) == 2
                                && pipeline.gauge("snapshotTablesFinished").orElse(0L) == 2);
            }
        },
        HANDED_OVER(false) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                ALL_READ.reach(pipeline, held);
                pipeline.checkpoint();
                pipeline.awaitStreaming();
            }
        },
        STREAMING(true) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                pipeline.start(2).awaitStreaming();
                long rows = pipeline.count("t");
                pipeline.awaitCount("t", rows + 20);
            }
        },
        RESNAPSHOT_ORDERED(true) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                pipeline.start(2).awaitStreaming();
                held.add(pipeline.database().lock("t"));
                pipeline.resnapshot("t");
                pipeline.awaitHeldAt("t");
                pipeline.checkpoint();
            }
        },
        RESNAPSHOT_READING(true) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                pipeline.start(2).awaitStreaming();
                held.add(pipeline.database().holdRows());
                pipeline.resnapshot("t");
                pipeline.awaitHeldAt("gate");
                pipeline.checkpoint();
            }
        },
        RESNAPSHOT_READ(false) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                HANDED_OVER.reach(pipeline, held);
                pipeline.resnapshot("t");
                pipeline.await(
                        "all rows again",
                        () -> pipeline.gauge("t", "snapshotRun").orElse(0L) == 2
                                && pipeline.gauge("t", "snapshotStage").orElse(0L) == READ);
            }
        },
        SWEEPING(false) {
            @Override
            void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception {
                RESNAPSHOT_READ.reach(pipeline, held);
                pipeline.checkpoint();
            }
        };

        /** What the metric of a table's stage says when all its rows are read, and no checkpoint holds them. */
        private static final long READ = 3;

        private final boolean withCheckpoints;

        Step(boolean withCheckpoints) {
            this.withCheckpoints = withCheckpoints;
        }

        Settings settings() {
            return withCheckpoints ? Settings.DEFAULT : Settings.DEFAULT.checkpointInterval(Settings.NO_CHECKPOINTS);
        }

        /**
         * Starts the pipeline and returns when it stands at this step.
         *
         * @param held takes what keeps it there
         */
        abstract void reach(AnomalyPipeline pipeline, List<Session> held) throws Exception;
    }

    static Stream<Arguments> stepsAndInterruptions() {
        return Stream.of(Step.values()).flatMap(step -> Stream.of(
                        Interruption.SAVEPOINT_AND_RESCALE,
                        Interruption.LOSS_OF_JOB_MASTER,
                        Interruption.LOSS_OF_TASK_MANAGER)
                .map(interruption -> Arguments.of(step, interruption)));
    }

    @ParameterizedTest(name = "H_{0}_{1}")
    @MethodSource("stepsAndInterruptions")
    void H_an_interruption_at_any_step_loses_and_doubles_nothing(Step step, Interruption interruption)
            throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres()).table("t", ROWS);
        // Of a key that no writer draws.
        database.execute("INSERT INTO t (id, a, hold) VALUES (1000, 'held', '(t)')");
        List<Session> held = new ArrayList<>();
        try (AnomalyPipeline pipeline =
                new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, step.settings(), "t")) {
            try (KeyedWorkload load = writers(database)) {
                step.reach(pipeline, held);
                interruption.strike(pipeline, 3);
                for (Session session : held) {
                    session.close();
                }
                long committed = load.committed();
                database.await("writes behind the interruption", () -> load.committed() > committed + 20);
            } finally {
                for (Session session : held) {
                    session.close();
                }
            }
            pipeline.completeCheckpoints();
            if (step.compareTo(Step.RESNAPSHOT_ORDERED) < 0) {
                pipeline.verify("t", "id");
            } else {
                pipeline.verifyHistory("t", "id");
                assertThat(pipeline.published().rereads()).as("rows read again").isPositive();
            }
        }
    }

    private static KeyedWorkload writers(TestDatabase database) {
        return KeyedWorkload.start(database::connect, List.of("t"), KEYS, WRITERS, WRITE_PAUSE_MILLIS, 5);
    }
}
