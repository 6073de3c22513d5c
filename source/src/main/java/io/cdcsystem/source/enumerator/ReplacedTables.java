package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds captured tables whose place another table has taken: dropped and created again, or swapped by renames. A
 * publication holds tables, not names, so the log does not tell of the new one, and never would. It is captured like one
 * that is added: published, and then read as a whole. Coordinator thread only.
 */
final class ReplacedTables {
    private static final Logger LOG = LoggerFactory.getLogger(ReplacedTables.class);
    private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

    private final SplitAssigner assigner;
    private final BlockingCalls calls;
    private final AsyncCalls async;
    private final TableJoins joins;
    private final LongSupplier nanoTime;
    /** Found and not captured yet: also where somebody else has published them since, rows may be missing. */
    private final Set<TableId> owed = new TreeSet<>();

    private boolean asking;
    private int joining;
    private long lastNanos;

    ReplacedTables(
            SplitAssigner assigner, BlockingCalls calls, AsyncCalls async, TableJoins joins, LongSupplier nanoTime) {
        this.assigner = assigner;
        this.calls = calls;
        this.async = async;
        this.joins = joins;
        this.nanoTime = nanoTime;
        this.lastNanos = nanoTime.getAsLong();
    }

    /** Looks if it is time to. */
    void lookIfDue() {
        if (nanoTime.getAsLong() - lastNanos >= INTERVAL_NANOS) {
            look();
        }
    }

    /** Looks now, unless the last look is not dealt with yet. */
    void look() {
        if (asking || joining > 0) {
            return;
        }
        asking = true;
        lastNanos = nanoTime.getAsLong();
        List<TableId> captured = assigner.tables().ids();
        Set<TableId> known = Set.copyOf(owed);
        async.attempt(() -> calls.unpublished(captured, known), this::found, error -> {
            asking = false;
            LOG.warn("Captured tables could not be looked for in the publication, and will be again", error);
        });
    }

    private void found(List<TableSchema> tables) {
        asking = false;
        owed.retainAll(assigner.tables().ids());
        for (TableSchema table : tables) {
            if (assigner.tables().ids().contains(table.id())) {
                joining++;
                boolean first = owed.add(table.id());
                // Each by itself: what keeps one from being captured does not keep the others.
                joins.replace(table, () -> joined(table.id()), error -> refused(table.id(), error, first));
            }
        }
    }

    private void joined(TableId table) {
        joining--;
        owed.remove(table);
    }

    private void refused(TableId table, CdcException error, boolean first) {
        joining--;
        if (first) {
            LOG.error(
                    "{} was dropped and created again, or another table was renamed to its name: what is there now is not "
                            + "published, and cannot be captured. Its changes are missing from the topic until the cause is "
                            + "gone; that is tried again every {} s",
                    table,
                    Duration.ofNanos(INTERVAL_NANOS).toSeconds(),
                    error);
        }
    }
}
