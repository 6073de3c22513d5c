package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CapturedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the schema authority rule on each table version before a chunk of it is read and before its events of the log go on,
 * and tells the readers. What it cannot rule on yet is asked again: only that table waits.
 *
 * <p>Coordinator thread only; the authority is called by {@link AuthorityCalls}.
 */
final class SchemaDesk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaDesk.class);

    private final SplitEnumeratorContext<?> context;
    /** Null where nobody rules on versions. */
    private final @Nullable AuthorityCalls authority;

    private final AdmittedVersions admitted;
    private final Runnable afterwards;
    private final List<SchemaQuestion> questions = new ArrayList<>();
    /** What each reader was told in its present attempt. */
    private final Map<Integer, Set<TableSchema>> told = new HashMap<>();

    /**
     * A desk at the state.
     *
     * @param stored what was ruled on before
     * @param authority who rules; null where every version is published as it is
     * @param afterwards called behind each answer
     */
    SchemaDesk(
            SplitEnumeratorContext<?> context,
            @Nullable AuthorityCalls authority,
            AdmittedVersions stored,
            Runnable afterwards) {
        this.context = context;
        this.authority = authority;
        this.admitted = stored;
        this.afterwards = afterwards;
    }

    // ---- chunks

    /** Whether chunks of the version may be read; asks where that is not known. */
    boolean admits(TableSchema table, Position generation) {
        if (authority == null || admitted.of(table) != null) {
            admitted.present(table.id(), generation);
            return true;
        }
        for (SchemaQuestion question : questions) {
            if (question.leadsTo(table)) {
                question.askedForChunks();
                return false;
            }
        }
        SchemaQuestion question = new SchemaQuestion(TableChange.first(table, ChangeOrigin.SNAPSHOT), generation, null);
        question.askedForChunks();
        open(authority, question);
        return false;
    }

    /** Tells the reader of an admitted version that it is about to read. */
    void tell(int subtask, TableSchema table) {
        Admission admission = authority == null ? null : admitted.of(table);
        if (admission != null
                && told.computeIfAbsent(subtask, reader -> new HashSet<>()).add(table)) {
            context.sendEventToSourceReader(subtask, new SchemaReply.Known(table, admission));
        }
    }

    /** Tells the reader of the versions with which the log begins, as far as they are admitted. */
    void tell(int subtask, List<CapturedTable> tables) {
        tables.forEach(table -> tell(subtask, table.schema()));
    }

    /** Only these versions are going to be read in chunks. */
    void keepChunks(Set<TableSchema> read) {
        for (SchemaQuestion question : questions) {
            if (question.isForChunks() && read.stream().noneMatch(question::leadsTo)) {
                question.forgetChunks();
            }
        }
    }

    // ---- the log

    /** Events wait at a reader. */
    void asked(int subtask, ReaderReport.VersionAsked asked) {
        AuthorityCalls open = Objects.requireNonNull(authority, "a reader asks though nobody rules");
        if (admitted.isFoundAgain(asked.change())) {
            reply(subtask, asked.change(), asked.position(), null);
            return;
        }
        Admission known = admitted.ruledOn(asked.change(), asked.position());
        if (known != null) {
            admitted.happened(asked.change(), asked.position());
            reply(subtask, asked.change(), asked.position(), known);
            return;
        }
        for (SchemaQuestion question : questions) {
            if (question.isAbout(asked.change(), asked.position())) {
                question.askedBy(subtask);
                return;
            }
        }
        SchemaQuestion question = new SchemaQuestion(asked.change(), asked.position(), asked.transaction());
        question.askedBy(subtask);
        open(open, question);
    }

    /** Nothing waits at that reader any more. */
    void withdrawn(int subtask, ReaderReport.VersionWithdrawn withdrawn) {
        questions.stream()
                .filter(question -> question.isAbout(withdrawn.change(), withdrawn.position()))
                .forEach(question -> question.forget(subtask));
    }

    /** The reader failed: its next attempt knows nothing, and asks again. */
    void failed(int subtask) {
        told.remove(subtask);
        questions.forEach(question -> question.forget(subtask));
    }

    // ---- the authority

    private void open(AuthorityCalls calls, SchemaQuestion question) {
        questions.add(question);
        ask(calls, question, 0);
    }

    private void ask(AuthorityCalls calls, SchemaQuestion question, long delayMillis) {
        calls.ask(
                question.request(admitted),
                delayMillis,
                ruling -> {
                    ruled(calls, question, ruling);
                    afterwards.run();
                },
                error -> failed(calls, question, error));
    }

    private void ruled(AuthorityCalls calls, SchemaQuestion question, Ruling ruling) {
        if (!questions.contains(question)) {
            // Another change led to the same version meanwhile.
            return;
        }
        if (ruling instanceof Ruling.Admitted answer) {
            admit(question, answer.admission());
        } else if (ruling instanceof Ruling.Pending pending) {
            if (question.decisionAwaited()) {
                LOG.warn(
                        "Table {} waits at {} for a decision: {}",
                        question.table(),
                        question.position(),
                        pending.reason());
            }
            askAgain(calls, question);
        }
    }

    private void admit(SchemaQuestion question, @Nullable Admission admission) {
        TableSchema after = question.change().after();
        if ((after == null) != (admission == null)) {
            throw new IllegalStateException("the schema authority admitted " + admission + " for " + question.table());
        }
        if (after != null && admission != null) {
            if (!admission.equals(admitted.of(after))) {
                told.values().forEach(versions -> versions.remove(after));
            }
            admitted.admit(after, admission, question.position());
        }
        admitted.happened(question.change(), question.position());
        answer(question, admission);
        // Who only found the version need not wait for the same answer.
        questions.stream()
                .filter(other ->
                        after != null && other.leadsTo(after) && other.change().origin() == ChangeOrigin.SNAPSHOT)
                .toList()
                .forEach(other -> answer(other, admission));
    }

    private void answer(SchemaQuestion question, @Nullable Admission admission) {
        questions.remove(question);
        if (question.waits()) {
            LOG.info("Table {} goes on at {}", question.table(), question.position());
        }
        question.askers().forEach(subtask -> reply(subtask, question.change(), question.position(), admission));
    }

    private void reply(int subtask, TableChange change, Position position, @Nullable Admission admission) {
        if (context.registeredReaders().containsKey(subtask)) {
            context.sendEventToSourceReader(subtask, new SchemaReply.Ruled(change, position, admission));
        }
    }

    private void failed(AuthorityCalls calls, SchemaQuestion question, RuntimeException error) {
        if (!(error instanceof CdcException known) || known.code().kind() != ErrorCode.Kind.TRANSIENT) {
            throw error;
        }
        if (!questions.contains(question)) {
            return;
        }
        if (question.failed()) {
            LOG.warn(
                    "Table {} waits at {} until its version can be ruled on; asked again and again",
                    question.table(),
                    question.position(),
                    error);
        }
        askAgain(calls, question);
    }

    private void askAgain(AuthorityCalls calls, SchemaQuestion question) {
        if (question.isOpen()) {
            ask(calls, question, question.retryMillis());
        } else {
            questions.remove(question);
        }
    }

    // ---- what others see

    /** The tables that wait for the authority, or for a person, with how many versions. */
    Map<TableId, Integer> waiting() {
        Map<TableId, Integer> waiting = new HashMap<>();
        for (SchemaQuestion question : questions) {
            if (question.waits()) {
                waiting.merge(question.table(), 1, Integer::sum);
            }
        }
        return waiting;
    }

    /** What was ruled on, for the state. */
    AdmittedVersions admitted() {
        return admitted;
    }

    @Override
    public void close() {
        AuthorityCalls open = authority;
        if (open != null) {
            open.close();
        }
    }
}
