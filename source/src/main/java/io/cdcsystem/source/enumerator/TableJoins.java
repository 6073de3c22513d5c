package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.OpenTransactions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings tables into a running capture: first the log publishes them, then its reader captures them, then every
 * transaction that was open by then ends, and only then are their rows read. So each change is either seen by the
 * generation that reads the rows or comes with the log. Coordinator thread only.
 */
final class TableJoins {
    private static final Logger LOG = LoggerFactory.getLogger(TableJoins.class);

    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final LogLine log;
    private @Nullable Waiting waiting;
    private boolean asking;

    /** Tables whose rows are read when these transactions have ended. */
    private record Waiting(OpenTransactions transactions, Map<TableId, Integer> runs) {}

    TableJoins(SplitAssigner assigner, BlockingCalls calls, AsyncCalls async, LogLine log) {
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
        this.log = log;
    }

    /** Has these tables published and captured; {@code done} comes behind that, {@code failed} where it cannot be. */
    void add(List<TableSchema> tables, boolean bySignal, Runnable done, Consumer<CdcException> failed) {
        async.check(
                () -> calls.publish(tables),
                published -> {
                    List<TableId> captured = assigner.tables().ids();
                    published.forEach(table -> assigner.tables().add(table, bySignal));
                    // A renamed one may have come by the log meanwhile.
                    if (!captured.containsAll(ids(published))) {
                        LOG.info("Capturing {} as well", ids(published));
                        log.capture();
                    }
                    done.run();
                    advance();
                },
                failed);
    }

    /**
     * Has the table that took a captured one's place published and captured instead of it, as a further run: what only the
     * one before had is deleted behind that.
     */
    void replace(TableSchema table, Runnable done, Consumer<CdcException> failed) {
        async.check(
                () -> calls.publish(List.of(table)),
                published -> {
                    if (assigner.tables().replace(table)) {
                        LOG.warn(
                                "{} was dropped and created again, or another table was renamed to its name: it is published "
                                        + "and read again",
                                table.id());
                        log.capture();
                    }
                    done.run();
                    advance();
                },
                failed);
    }

    /**
     * A change of the log, before it is ruled on. A table that goes on under another name is captured under that one as well
     * from now on, where the configuration names it: otherwise whoever reads the log next would not read it on. Its rows are read under the new name.
     */
    void changing(TableChange change) {
        TableSchema after = change.after();
        if (change.before() == null || after == null || after.id().equals(change.table()) || !calls.names(after.id())) {
            return;
        }
        CapturedTables tables = assigner.tables();
        Set<TableId> removed = tables.removedBySignal();
        if (tables.ids().contains(after.id()) || removed.contains(change.table()) || removed.contains(after.id())) {
            return;
        }
        tables.add(after, true);
        LOG.info("{} is captured on as {}", change.table(), after.id());
        log.capture();
        // Most publications follow a table under any name, but not those of a schema.
        async.attempt(
                () -> calls.publish(List.of(after)),
                published -> {},
                error -> LOG.warn("{} may not be published under its new name", after.id(), error));
    }

    /** Takes the next step, where one can be taken. */
    void advance() {
        if (asking || waiting != null || !log.hasCaptured()) {
            return;
        }
        Map<TableId, Integer> joining = assigner.tables().runsIn(Stage.JOINING);
        if (joining.isEmpty()) {
            return;
        }
        asking = true;
        async.call(calls::openTransactions, transactions -> {
            asking = false;
            waiting = new Waiting(transactions, joining);
        });
    }

    /** What to ask again and again; null where nothing is waited for. */
    @Nullable
    OpenTransactions awaited() {
        Waiting present = waiting;
        return present == null ? null : present.transactions();
    }

    /** These have ended. */
    void ended(OpenTransactions transactions) {
        Waiting present = waiting;
        if (present != null && present.transactions() == transactions) {
            waiting = null;
            present.runs().forEach(assigner.tables()::joined);
            LOG.info(
                    "Snapshot of {} may begin: every older transaction has ended",
                    present.runs().keySet());
        }
    }

    private static List<TableId> ids(List<TableSchema> tables) {
        return tables.stream().map(TableSchema::id).toList();
    }
}
