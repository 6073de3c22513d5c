package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.load.KeyedWorkload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random writers, and a job that is interrupted at random: final state and the history of every key must be the audit's.
 *
 * <p>{@code -Dcdc.seeds=1000 -Dcdc.seed=1} runs a thousand seeds from 1 on; without, as many as fit into two minutes. The
 * seed draws everything but how the threads interleave, so a seed that fails may need a few replays to fail again.
 */
@Tag("S2")
@Tag("S5")
@Tag("S6")
@Tag("S8")
@Tag("L5")
class RandomizedHistoryIT {
    private static final Duration BUDGET = Duration.ofMinutes(2);
    private static final int SEEDS_MIN = 10;
    private static final int KEYS = 60;

    private static final int FAILURES_MAX = 3;

    /** What may happen to a pipeline. */
    private enum Event {
        LOSS_OF_TASK_MANAGER,
        LOSS_OF_JOB_MASTER,
        KILL_AND_RESCALE,
        SAVEPOINT_AND_RESCALE,
        RESNAPSHOT,
        NOTHING
    }

    @Test
    void J_state_and_history_of_every_key_are_those_of_the_audit_whatever_happens() throws Exception {
        long first = Long.getLong("cdc.seed", 1);
        int count = Integer.getInteger("cdc.seeds", 0);
        long deadline = System.nanoTime() + BUDGET.toNanos();
        List<String> failed = new ArrayList<>();
        int run = 0;
        // What has broken the servers for one seed would fail all that follow.
        while (failed.size() < FAILURES_MAX
                && (count > 0 ? run < count : run < SEEDS_MIN || System.nanoTime() < deadline)) {
            long seed = first + run++;
            long begin = System.nanoTime();
            String story = "";
            try {
                story = run(seed);
            } catch (Exception | AssertionError e) {
                failed.add(replay(seed) + "\n" + e);
                e.printStackTrace(System.err);
            }
            System.out.printf(
                    "seed %d: %s (%d ms)%n", seed, story, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        }
        System.out.println(
                "RandomizedHistoryIT: " + run + " seeds from " + first + " on, " + failed.size() + " failed");
        assertThat(failed).as("failed of %s seeds", run).isEmpty();
        assertThat(run).isGreaterThanOrEqualTo(count > 0 ? count : SEEDS_MIN);
    }

    private static String replay(long seed) {
        return "mvn -pl job -am verify -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=RandomizedHistoryIT"
                + " -Dfailsafe.failIfNoSpecifiedTests=false -Dcdc.seeds=5 -Dcdc.seed=" + seed;
    }

    private static String run(long seed) throws Exception {
        Random random = new Random(seed);
        TestDatabase database = TestDatabase.create(Shared.postgres());
        database.table("t", 10 + random.nextInt(50)).table("u", random.nextInt(20));
        Settings settings =
                Settings.DEFAULT.chunkSize(3 + random.nextInt(8)).checkpointInterval(50 + random.nextInt(100) + "ms");
        StringBuilder story = new StringBuilder();
        try (AnomalyPipeline pipeline =
                new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, settings, "t", "u")) {
            try (KeyedWorkload load = KeyedWorkload.start(
                    database::connect, List.of("t", "u"), KEYS, 1 + random.nextInt(3), random.nextInt(6), seed)) {
                pipeline.start(1 + random.nextInt(3));
                for (int events = random.nextInt(5); events >= 0; events--) {
                    awaitSome(random, load, pipeline, story);
                    happen(draw(random), random, pipeline, story);
                }
                awaitSome(random, load, pipeline, story);
            }
            pipeline.verifyHistory("t", "id");
            pipeline.verifyHistory("u", "id");
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + ":" + story, e);
        }
        return story.toString();
    }

    /** Until the writers, or the job, have come a bit further, or not even that. */
    private static void awaitSome(Random random, KeyedWorkload load, AnomalyPipeline pipeline, StringBuilder story) {
        int some = random.nextInt(30);
        switch (random.nextInt(4)) {
            case 0 -> {}
            case 1, 2 -> {
                long until = load.committed() + some;
                pipeline.await("writes", () -> load.committed() >= until);
                story.append(" w").append(some);
            }
            default -> {
                long until = pipeline.published().records() + some;
                pipeline.await("records", () -> pipeline.published().records() >= until);
                story.append(" p").append(some);
            }
        }
    }

    private static Event draw(Random random) {
        Event[] all = Event.values();
        return all[random.nextInt(all.length)];
    }

    private static void happen(Event event, Random random, AnomalyPipeline pipeline, StringBuilder story)
            throws Exception {
        int parallelism = 1 + random.nextInt(3);
        story.append(' ').append(event);
        switch (event) {
            case NOTHING -> {}
            case RESNAPSHOT -> pipeline.resnapshot(random.nextBoolean() ? "t" : "u");
            default -> Interruption.valueOf(event.name()).strike(pipeline, parallelism);
        }
    }
}
