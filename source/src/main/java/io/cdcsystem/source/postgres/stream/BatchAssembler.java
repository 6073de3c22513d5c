package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.ddl.DdlMessage;
import io.cdcsystem.source.postgres.ddl.DdlMessages;
import io.cdcsystem.source.postgres.pgoutput.PgOutputHandler;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.pgoutput.TupleView;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalEnvelope;
import io.cdcsystem.source.split.CapturedTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns decoded messages into events with positions, and events into batches.
 *
 * <p>Every change of a transaction that reaches us has an ordinal, whether it becomes an event or not: only so a second
 * reading of the same log counts alike. Transactions stay whole up to the byte budget; a larger one is cut into slices.
 * Signals come with the transaction that sent them; see {@link OpenSignals} for how they fit its slices.
 */
final class BatchAssembler implements PgOutputHandler {
    private static final Logger LOG = LoggerFactory.getLogger(BatchAssembler.class);
    private static final TransactionInfo NO_TRANSACTION = new TransactionInfo(0, 0, 0, 0);

    private final int epoch;
    private final CapturedDefinitions definitions;
    private final RelationCache relations;
    private final TransactionIds ids;
    private final String signalPrefix;
    private final RowBuilder rows = new RowBuilder();

    // Whole transactions that wait to be handed out, and the open one's changes.
    private PendingBatch ready = new PendingBatch();
    private PendingBatch open = new PendingBatch();
    private final OpenSignals signals = new OpenSignals();
    private @Nullable List<CapturedTable> toCapture;
    private long boundary;
    private boolean boundaryMoved;

    private TransactionInfo transaction = NO_TRANSACTION;
    private boolean inTransaction;
    private long previousCommit;
    private long ordinal;
    private long skip;
    private long recordOffset;
    private boolean binary;
    private boolean textNeeded;

    /**
     * Begins at {@code boundary}, behind which {@code changesAfter} changes were handed over already.
     *
     * @param signalPrefix the prefix of logical messages that are signals
     */
    BatchAssembler(
            int epoch,
            long boundary,
            long changesAfter,
            CapturedDefinitions definitions,
            TransactionIds ids,
            String signalPrefix) {
        this.epoch = epoch;
        this.boundary = boundary;
        this.skip = changesAfter;
        this.definitions = definitions;
        this.relations = definitions.relations();
        this.ids = ids;
        this.signalPrefix = signalPrefix;
    }

    /** A session begins at {@link #boundary()}; what was taken of the open transaction is not taken again. */
    void beginSession(boolean binaryValues) {
        // A transaction that was still being skipped has to be skipped again, and that far at least.
        skip = inTransaction ? Math.max(skip, ordinal) : skip;
        signals.forgetBehind(skip);
        if (inTransaction) {
            open.removeAt(place(skip));
        }
        inTransaction = false;
        textNeeded = false;
        binary = binaryValues;
        definitions.beginSession();
    }

    /** The WAL position of the message that is decoded next. */
    void at(long lsn) {
        recordOffset = lsn;
    }

    /** Whether the session has to be replaced by one in text form before the next message. */
    boolean textNeeded() {
        return textNeeded;
    }

    /** Behind the last transaction that was taken whole. */
    long boundary() {
        return boundary;
    }

    /** Nothing is pending, and the server says that it has sent everything before {@code lsn}. */
    void idle(long lsn) {
        // Within a transaction the position is one of its records and no place to begin at.
        if (!inTransaction && skip == 0 && Long.compareUnsigned(lsn, boundary) > 0) {
            boundary = lsn;
            boundaryMoved = true;
        }
    }

    /** The next batch if one is due; null if reading on is better. */
    @Nullable
    LogBatch takeFull() {
        if (ready.isFull() || (open.isFull() && !ready.isEmpty())) {
            return take(ready, 0);
        }
        if (!open.isFull()) {
            return null;
        }
        open.addAll(signals.takeBefore(ordinal));
        List<DefinitionChange> behind = open.removeAt(place(ordinal));
        LogBatch slice = take(open, ordinal);
        open.begin(behind);
        return slice;
    }

    /** Whatever whole transactions there are; null where there are none. */
    @Nullable
    LogBatch takeReady() {
        return ready.isEmpty() ? null : take(ready, 0);
    }

    /** An empty batch that only moves the position; null where it has not moved. */
    @Nullable
    LogBatch takeMove() {
        // With changes of the open transaction handed over, the position is theirs and has not moved.
        return boundaryMoved && ready.isEmpty() && !inTransaction ? take(ready, 0) : null;
    }

    private LogBatch take(PendingBatch pending, long changesAfter) {
        boundaryMoved = false;
        return pending.hand(boundary, changesAfter, this::captures);
    }

    @Override
    public void begin(long finalLsn, long commitMicros, int xid) {
        if (inTransaction) {
            throw outOfPlace("a transaction begins within another");
        }
        transaction = new TransactionInfo(ids.widen(xid), finalLsn, previousCommit, commitMicros);
        inTransaction = true;
        ordinal = 0;
        signals.begin();
    }

    @Override
    public void commit(long commitLsn, long endLsn, long commitMicros) {
        if (!inTransaction) {
            throw outOfPlace("a commit without a beginning");
        }
        // A transaction without changes may or may not be sent, by version: it is not the one to skip in.
        if (skip > 0 && ordinal > 0) {
            if (ordinal < skip) {
                throw new CdcException(
                        ErrorCode.POSITION_LOST,
                        "the transaction at " + PgResumeToken.print(commitLsn) + " has " + ordinal + " changes, but "
                                + skip + " of it were handed over before; the publication was altered in between or the"
                                + " position is of another server: take a new snapshot");
            }
            skip = 0;
        }
        open.addAll(signals.takeBefore(Long.MAX_VALUE));
        if (ready.isEmpty()) {
            PendingBatch empty = ready;
            ready = open;
            open = empty;
        } else {
            ready.take(open);
        }
        inTransaction = false;
        definitions.settle();
        previousCommit = commitLsn;
        boundary = endLsn;
        boundaryMoved = true;
        captureIfDue();
    }

    /**
     * From the next transaction on exactly these tables are captured: the open one is finished as it was begun, so that no
     * table gets the second half of a transaction only.
     */
    void capture(List<CapturedTable> tables) {
        toCapture = List.copyOf(tables);
        captureIfDue();
    }

    private void captureIfDue() {
        List<CapturedTable> tables = toCapture;
        // While changes are to be skipped, the transaction that they belong to is open, though no message of it came
        // yet.
        if (tables == null || inTransaction || skip > 0) {
            return;
        }
        toCapture = null;
        textNeeded |= !relations.capture(tables, binary, this::changedBetween);
    }

    private boolean captures(TableId id) {
        List<CapturedTable> tables = toCapture;
        return tables == null
                ? definitions.captures(id)
                : tables.stream().anyMatch(table -> table.schema().id().equals(id));
    }

    @Override
    public void relation(RelationMessage relation) {
        textNeeded |= !relations.accept(relation, binary, ordinal < skip, this::changed);
    }

    /** A definition changes within the open transaction. */
    private void changed(TableChange change) {
        open.add(change, place(ordinal), transaction);
    }

    /** A definition changes between two transactions. */
    private void changedBetween(TableChange change) {
        TransactionInfo between = new TransactionInfo(0, boundary, previousCommit, transaction.commitMicros());
        ready.add(change, new Position(epoch, boundary, 0), between);
    }

    /** Whether looks at the catalog can be taken into account now: no transaction is half read. */
    boolean betweenTransactions() {
        return !inTransaction && skip == 0;
    }

    /** The catalog has these tables no longer, and the log was read beyond that look; between transactions only. */
    void gone(Map<TableId, StandingTable> tables) {
        definitions.gone(tables, this::changedBetween);
    }

    @Override
    public void insert(int relation, TupleView after) {
        RelationLayout layout = next(relation);
        if (layout != null) {
            add(layout, Op.CREATE, null, rows.after(after, layout));
        }
        SignalTable signalTable = relations.signalTable(relation);
        if (signalTable != null && signals(ordinal - 1)) {
            signals.add(epoch, transaction.commit(), ordinal - 1, signalTable.read(after));
        }
    }

    @Override
    public void update(int relation, @Nullable TupleView before, boolean keyOnly, TupleView after) {
        RelationLayout layout = next(relation);
        if (layout != null) {
            Row old = before == null ? null : rows.before(before, keyOnly, layout);
            add(layout, Op.UPDATE, old, rows.after(after, layout));
        }
    }

    @Override
    public void delete(int relation, TupleView before, boolean keyOnly) {
        RelationLayout layout = next(relation);
        if (layout != null) {
            add(layout, Op.DELETE, rows.before(before, keyOnly, layout), null);
        }
    }

    @Override
    public void truncate(int[] truncated, boolean cascade, boolean restartIdentity) {
        for (int relation : truncated) {
            RelationLayout layout = next(relation);
            if (layout != null) {
                open.add(new TableTruncated(layout.table(), place(ordinal - 1), transaction, recordOffset), 0);
            }
        }
    }

    /** Counts a change; null if it is not to become an event. */
    private @Nullable RelationLayout next(int relation) {
        if (!inTransaction) {
            throw outOfPlace("a change outside of a transaction");
        }
        ordinal++;
        if (ordinal <= skip) {
            textNeeded |= ordinal == skip && !relations.learnDeferred(binary, this::changed);
            return null;
        }
        definitions.settle();
        RelationLayout layout = relations.layout(relation);
        return layout == null || layout.alreadyRead(transaction.id()) ? null : layout;
    }

    private void add(RelationLayout layout, Op op, @Nullable Row before, @Nullable Row after) {
        open.add(
                new RowChange(layout.table(), op, before, after, place(ordinal - 1), transaction, recordOffset, null),
                (before == null ? 0 : before.length()) + (after == null ? 0 : after.length()));
    }

    /** Behind that many changes of the open transaction. */
    private Position place(long changesBefore) {
        if (changesBefore >= Integer.MAX_VALUE) {
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "transaction " + transaction.id() + " has more than " + Integer.MAX_VALUE
                            + " changes; take the tables' state by a new snapshot instead");
        }
        return new Position(epoch, transaction.commit(), (int) changesBefore);
    }

    private CdcException outOfPlace(String what) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                what + " at " + PgResumeToken.print(recordOffset)
                        + "; the server is not a PostgreSQL that this build knows");
    }

    @Override
    public void type(int oid, String namespace, String name) {
        // The relation that follows names the oid, and the catalog tells more than this message.
    }

    @Override
    public void origin(long lsn, String name) {
        // Where a change was made first is no part of the envelope.
    }

    @Override
    public void message(boolean transactional, long lsn, String prefix, byte[] array, int offset, int length) {
        boolean definition = prefix.equals(DdlMessage.PREFIX);
        if (!definition && !prefix.equals(signalPrefix)) {
            return;
        }
        if (!transactional) {
            LOG.warn(
                    "The message under {} at {} is ignored: it was not written transactionally; use"
                            + " pg_logical_emit_message(true, ...)",
                    prefix,
                    PgResumeToken.print(lsn));
            return;
        }
        if (!inTransaction) {
            throw outOfPlace("a transaction's message outside of a transaction");
        }
        String content = new String(array, offset, length, StandardCharsets.UTF_8);
        if (definition) {
            definition(content, lsn);
        } else if (signals(ordinal)) {
            Signal signal = SignalEnvelope.read(content, PgResumeToken.print(lsn));
            signals.add(epoch, transaction.commit(), ordinal, signal);
        }
    }

    private void definition(String content, long lsn) {
        DdlMessage message = DdlMessages.read(content).orElse(null);
        if (message == null) {
            LOG.warn("The {} message at {} is no event trigger's", DdlMessage.PREFIX, PgResumeToken.print(lsn));
            return;
        }
        if (ordinal < skip) {
            definitions.skip(message);
        } else if (!definitions.accept(message, binary, this::changed)) {
            textNeeded = true;
            return;
        }
        if (CapturedDefinitions.mayAsk(message) && signals(ordinal)) {
            // Counted whether the table is ours or not, so that each reading counts alike.
            Signal signal = definitions.asked(message, transaction.id());
            if (signal == null) {
                signals.skip();
            } else {
                signals.add(epoch, transaction.commit(), ordinal, signal);
            }
        }
    }

    /** Whether a signal behind that many changes is new; counts it otherwise. */
    private boolean signals(long changesBefore) {
        if (changesBefore >= skip) {
            return true;
        }
        signals.skip();
        return false;
    }
}
