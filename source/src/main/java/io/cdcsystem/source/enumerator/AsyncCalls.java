package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls on the coordinator's one I/O thread, in order, and brings their answers back to the coordinator's thread. A
 * failed call is thrown there, which fails the job with that error, so that Flink's restart strategy decides; unless
 * somebody sees to it.
 */
final class AsyncCalls {
    private final SplitEnumeratorContext<?> context;
    private final Runnable afterwards;
    private int checks;

    /** Calls {@code afterwards} behind each answer. */
    AsyncCalls(SplitEnumeratorContext<?> context, Runnable afterwards) {
        this.context = context;
        this.afterwards = afterwards;
    }

    /** A call. */
    <T> void call(Callable<T> work, Consumer<T> then) {
        attempt(work, then, error -> {
            throw error;
        });
    }

    /** A call whose failure is a case of its own. */
    <T> void attempt(Callable<T> work, Consumer<T> then, Consumer<CdcException> otherwise) {
        context.callAsync(work, (answer, error) -> {
            if (error instanceof CdcException known) {
                otherwise.accept(known);
            } else {
                then.accept(unless(error, answer));
            }
            afterwards.run();
        });
    }

    /** A call that must be answered before anything is assigned. */
    <T> void check(Callable<T> work, Consumer<T> then) {
        check(work, then, error -> {
            throw error;
        });
    }

    /** The same, with a failure that is a case of its own. */
    <T> void check(Callable<T> work, Consumer<T> then, Consumer<CdcException> otherwise) {
        checks++;
        attempt(
                work,
                answer -> {
                    checks--;
                    then.accept(answer);
                },
                error -> {
                    checks--;
                    otherwise.accept(error);
                });
    }

    /** A call again and again. */
    <T> void every(Duration period, Callable<T> work, Consumer<T> then) {
        context.callAsync(
                work,
                (answer, error) -> {
                    then.accept(unless(error, answer));
                    afterwards.run();
                },
                period.toMillis(),
                period.toMillis());
    }

    /** Whether anything may be assigned. */
    boolean allChecked() {
        return checks == 0;
    }

    private static <T> T unless(@Nullable Throwable error, T answer) {
        if (error instanceof CdcException known) {
            throw known;
        }
        if (error != null) {
            throw new IllegalStateException("the enumerator's call to the database failed: " + error, error);
        }
        return answer;
    }
}
