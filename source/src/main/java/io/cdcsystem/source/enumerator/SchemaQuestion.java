package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A change that something waits behind, until the schema authority has admitted it. Coordinator thread only. */
final class SchemaQuestion {
    private static final long RETRY_MILLIS_MIN = 200;
    private static final long RETRY_MILLIS_MAX = 5_000;

    private final TableChange change;
    private final Position position;
    private final @Nullable TransactionInfo transaction;
    private final Set<Integer> askers = new TreeSet<>();
    private boolean forChunks;
    private boolean waits;
    private boolean warnedOfDecision;
    private boolean warnedOfFailure;
    private long retryMillis;

    SchemaQuestion(TableChange change, Position position, @Nullable TransactionInfo transaction) {
        this.change = change;
        this.position = position;
        this.transaction = transaction;
    }

    TableChange change() {
        return change;
    }

    Position position() {
        return position;
    }

    /** What the version is of that it is about: the new name of a table that was renamed. */
    TableId table() {
        TableSchema after = change.after();
        return after == null ? change.table() : after.id();
    }

    VersionRequest request(AdmittedVersions admitted) {
        return new VersionRequest(admitted.completed(change), admitted.published(table()), position, transaction);
    }

    // ---- who waits for it

    void askedBy(int subtask) {
        askers.add(subtask);
    }

    void askedForChunks() {
        forChunks = true;
    }

    /** The reader waits no more. */
    void forget(int subtask) {
        askers.remove(subtask);
    }

    /** Chunks wait no more. */
    void forgetChunks() {
        forChunks = false;
    }

    Set<Integer> askers() {
        return askers;
    }

    boolean isForChunks() {
        return forChunks;
    }

    /** Whether anybody waits for it. */
    boolean isOpen() {
        return forChunks || !askers.isEmpty();
    }

    // ---- how it goes

    /** Whether it was asked, and could not be answered yet. */
    boolean waits() {
        return waits;
    }

    /** A person has to decide: whether that is to be said, and was not before. */
    boolean decisionAwaited() {
        waits = true;
        retryMillis = RETRY_MILLIS_MIN;
        boolean first = !warnedOfDecision;
        warnedOfDecision = true;
        return first;
    }

    /** The authority could not be reached: whether that is to be said, and was not before. */
    boolean failed() {
        waits = true;
        retryMillis = retryMillis == 0 ? RETRY_MILLIS_MIN : Math.min(RETRY_MILLIS_MAX, 2 * retryMillis);
        boolean first = !warnedOfFailure;
        warnedOfFailure = true;
        return first;
    }

    /** When to ask again. */
    long retryMillis() {
        return retryMillis;
    }

    boolean isAbout(TableChange asked, Position at) {
        return position.equals(at) && change.equals(asked);
    }

    boolean leadsTo(TableSchema table) {
        return Objects.equals(change.after(), table);
    }
}
