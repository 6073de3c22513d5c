package io.cdcsystem.job.e2e.anomaly;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Waits for conditions, never for time; says what was waited for and how things stand when it does not come. */
final class Waiting {
    private static final Duration POLL = Duration.ofMillis(10);

    private Waiting() {}

    static void until(String what, Duration deadline, Supplier<String> diagnosis, Callable<Boolean> condition) {
        try {
            Awaitility.await(what)
                    .pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(POLL)
                    .atMost(deadline)
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(what + " did not come within " + deadline + "\n" + diagnosis.get(), e);
        }
    }
}
