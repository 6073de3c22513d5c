package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.SchemaAuthority;
import io.cdcsystem.schema.authority.SchemaAuthorityConfig;
import io.cdcsystem.schema.authority.VersionRequest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread for the schema authority alone: registry and Kafka may be slow, and the enumerator's one I/O thread has a
 * database to care for. {@code ask} and {@code close} belong to the coordinator's thread.
 */
final class AuthorityThread implements AuthorityCalls {
    private static final Logger LOG = LoggerFactory.getLogger(AuthorityThread.class);
    private static final long CLOSE_SECONDS_MAX = 10;

    private final SplitEnumeratorContext<?> context;
    private final SchemaAuthorityConfig config;
    private final ScheduledExecutorService thread;
    /** Of its own thread while that runs. */
    private @Nullable SchemaAuthority authority;

    private volatile @Nullable Thread worker;
    private volatile boolean closed;

    AuthorityThread(SplitEnumeratorContext<?> context, SchemaAuthorityConfig config) {
        this.context = context;
        this.config = config;
        this.thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread created = new Thread(work, "schema-authority");
            created.setDaemon(true);
            worker = created;
            return created;
        });
    }

    @Override
    public void ask(
            VersionRequest request, long delayMillis, Consumer<Ruling> then, Consumer<RuntimeException> otherwise) {
        // What goes wrong comes back as an answer, so nobody looks at the future.
        var unused = thread.schedule(() -> ask(request, then, otherwise), delayMillis, TimeUnit.MILLISECONDS);
    }

    private void ask(VersionRequest request, Consumer<Ruling> then, Consumer<RuntimeException> otherwise) {
        if (closed) {
            return;
        }
        try {
            Ruling ruling = opened().rule(request);
            answer(() -> then.accept(ruling));
        } catch (RuntimeException e) {
            answer(() -> otherwise.accept(e));
        } catch (Error e) {
            answer(() -> {
                throw e;
            });
        }
    }

    private SchemaAuthority opened() {
        SchemaAuthority open = authority;
        if (open == null) {
            open = config.open();
            authority = open;
        }
        return open;
    }

    private void answer(Runnable handler) {
        if (closed) {
            return;
        }
        try {
            context.runInCoordinatorThread(() -> {
                if (!closed) {
                    handler.run();
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The coordinator has stopped before the answer of the schema authority", e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // The authority belongs to its thread: a call that goes on behind our wait still ends with its clients closed.
        Future<?> last = thread.submit(this::closeAuthority);
        thread.shutdown();
        try {
            last.get(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn("The schema authority is still busy after {} s; it is closed behind that", CLOSE_SECONDS_MAX);
            Thread busy = worker;
            if (busy != null) {
                busy.interrupt();
            }
        } catch (ExecutionException e) {
            LOG.warn("The schema authority could not be closed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAuthority() {
        SchemaAuthority open = authority;
        authority = null;
        if (open != null) {
            open.close();
        }
    }
}
