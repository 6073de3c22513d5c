package io.cdcsystem.source.enumerator;

import io.cdcsystem.source.database.GenerationSession;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a database snapshot open while rows are read, and replaces it when it is old, gone, or too old for a table. The
 * one that was replaced stays open until the chunks under it are read. Coordinator thread only.
 */
final class SnapshotSessions {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSessions.class);

    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final Duration maxAge;
    private final LongSupplier nanoTime;
    private final List<GenerationSession> retired = new ArrayList<>();
    private @Nullable GenerationSession current;
    private long openedAt;
    private boolean opening;
    private boolean abandoned;
    /** Counts how often everything began anew: what was opened for the time before is of no use. */
    private int incarnation;

    SnapshotSessions(
            SplitAssigner assigner, BlockingCalls calls, AsyncCalls async, Duration maxAge, LongSupplier nanoTime) {
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
        this.maxAge = maxAge;
        this.nanoTime = nanoTime;
    }

    /** From now on rows are read under this one. */
    void opened(GenerationSession session) {
        retire();
        abandoned = false;
        current = session;
        openedAt = nanoTime.getAsLong();
        assigner.generationOpened(session.generation(), session.snapshotName());
    }

    /** Opens one where rows wait for it or the present one is old; closes those that nobody reads under any more. */
    void tend() {
        if (abandoned) {
            return;
        }
        boolean old = current != null
                && assigner.isInUse(current.generation().number())
                && nanoTime.getAsLong() - openedAt >= maxAge.toNanos();
        if ((old || assigner.needsGeneration()) && !opening) {
            open();
        }
        GenerationSession open = current;
        if (open != null && !opening && !assigner.isInUse(open.generation().number())) {
            current = null;
            assigner.generationClosed();
            close(open);
        }
        List<GenerationSession> free = retired.stream()
                .filter(session -> !assigner.isInUse(session.generation().number()))
                .toList();
        retired.removeAll(free);
        free.forEach(this::close);
    }

    private void open() {
        opening = true;
        SourceEpoch epoch = assigner.epoch();
        ResumeToken logStart = assigner.phase() == Phase.STREAMING ? null : assigner.logStart();
        int number = assigner.nextGeneration();
        int openedIn = incarnation;
        async.call(() -> calls.openGeneration(epoch, logStart, number), session -> {
            opening = false;
            if (openedIn != incarnation) {
                close(session);
                return;
            }
            opened(session);
            LOG.info(
                    "Rows are read under generation {} from now on: {}, which sees {}",
                    number,
                    session.snapshotName(),
                    session.generation().visibility());
        });
    }

    /** Readers came back with chunks, or could not read them: whether the snapshot is still there is to be found out. */
    void examine() {
        GenerationSession open = current;
        if (open == null) {
            return;
        }
        async.check(open::isOpen, alive -> {
            if (!alive) {
                gone(open.generation().number());
            }
        });
    }

    /** The snapshot of that number cannot be imported any more. */
    void gone(int number) {
        GenerationSession open = current;
        if (open != null && open.generation().number() == number) {
            LOG.info("The snapshot of generation {} is gone", number);
            current = null;
            assigner.generationClosed();
            close(open);
        }
        tend();
    }

    /** Forgets the present one: what follows begins with a snapshot of its own, and nothing is opened before. */
    void abandon() {
        abandoned = true;
        incarnation++;
        retire();
        assigner.generationClosed();
    }

    /** The number of the present one; 0 where there is none. */
    int number() {
        GenerationSession open = current;
        return open == null ? 0 : open.generation().number();
    }

    private void retire() {
        GenerationSession open = current;
        if (open != null) {
            retired.add(open);
            current = null;
        }
    }

    private void close(GenerationSession session) {
        async.call(() -> calls.closeSession(session), number -> LOG.info("Generation {} is closed", number));
    }
}
