package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.schema.template.DeleteTemplate;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the source events of one table version into encoded change events: which operations, keys and images the topics
 * get. Belongs to one thread.
 *
 * <ul>
 *   <li>An update that changes the primary key becomes the delete of the old key and the create of the new one, linked by
 *       {@link KeyLink}, both at the update's position.
 *   <li>An update's old image goes out only when it says more than the key.
 *   <li>A truncation, and every event of a table without primary key, has no key.
 * </ul>
 */
public final class ChangeTranslator {
    private final TableSchema table;
    private final TopicTarget target;
    private final Set<Op> skipped;
    private final MicrosClock clock;
    private final RowImages images;

    /** A translator of that table version. */
    public ChangeTranslator(TableSchema table, TopicTarget target, Set<Op> skipped, MicrosClock clock) {
        this.table = table;
        this.target = target;
        this.skipped = Set.copyOf(skipped);
        this.clock = clock;
        this.images = new RowImages(table);
    }

    /**
     * Hands none, one or two change events to {@code out}; a {@link SnapshotCompleted} is for {@link #sweep}, a {@link
     * VersionAdmitted} comes before there is a translator.
     */
    public void translate(SourceEvent event, Consumer<? super ChangeEvent> out) {
        if (event instanceof SnapshotCompleted || event instanceof VersionAdmitted) {
            throw new IllegalArgumentException("no change of a row: " + event);
        }
        Op op = event instanceof RowChange change ? change.op() : Op.TRUNCATE;
        if (skipped.contains(op)) {
            return;
        }
        switch (op) {
            case READ, CREATE -> {
                Row after = after(event);
                out.accept(event(event, op, after, null, after, KeyLink.NONE, null));
            }
            case UPDATE -> update(event, ((RowChange) event).before(), after(event), out);
            case DELETE -> {
                Row before = ((RowChange) event).before();
                requireKey(event, before);
                out.accept(event(event, op, before, before, null, KeyLink.NONE, null));
            }
            case TRUNCATE -> out.accept(event(event, op, null, null, null, KeyLink.NONE, null));
        }
    }

    /**
     * Hands the sweep to {@code out}, one copy per route; none where the table has no key to sweep by, and where deletes
     * are not published.
     *
     * @param routes per key group a key that falls into it
     */
    public void sweep(SnapshotCompleted completed, byte[][] routes, Consumer<? super TableSweep> out) {
        if (!table.hasPrimaryKey() || skipped.contains(Op.DELETE)) {
            return;
        }
        DeleteTemplate deletes = target.encoder().deletes(completed, clock.nowMicros());
        for (byte[] route : routes) {
            out.accept(new TableSweep(
                    target.topic(),
                    route,
                    routes.length,
                    completed.generation(),
                    deletes,
                    target.keySchemaId(),
                    target.valueSchemaId(),
                    completed.transaction().commitMicros()));
        }
    }

    private void update(SourceEvent event, @Nullable Row before, Row after, Consumer<? super ChangeEvent> out) {
        if (before == null) {
            requireKey(event, after);
            out.accept(event(event, Op.UPDATE, after, null, after, KeyLink.NONE, null));
            return;
        }
        images.compare(before, after);
        boolean beforeLogged = images.beforeLogged();
        boolean keyChanged = images.keyChanged();
        Row mended = images.mended(before, after);
        requireKey(event, mended);
        if (!keyChanged) {
            Row logged = beforeLogged ? before : null;
            out.accept(event(event, Op.UPDATE, mended, logged, mended, KeyLink.NONE, null));
            return;
        }
        requireKey(event, before);
        byte[] newKey = target.encoder().keyHeader(mended);
        byte[] oldKey = target.encoder().keyHeader(before);
        out.accept(event(event, Op.DELETE, before, before, null, KeyLink.NEW_KEY, newKey));
        out.accept(event(event, Op.CREATE, mended, null, mended, KeyLink.OLD_KEY, oldKey));
    }

    private ChangeEvent event(
            SourceEvent event,
            Op op,
            @Nullable Row keyed,
            @Nullable Row before,
            @Nullable Row after,
            KeyLink link,
            byte @Nullable [] relatedKey) {
        byte[] key = keyed == null || !table.hasPrimaryKey()
                ? null
                : target.encoder().key(keyed);
        Generation generation = event instanceof RowChange change ? change.generation() : null;
        return new ChangeEvent(
                target.topic(),
                key,
                target.encoder().value(op, before, after, event, clock.nowMicros()),
                key == null ? 0 : target.keySchemaId(),
                target.valueSchemaId(),
                op,
                event.position(),
                event.transaction().id(),
                event.transaction().commitMicros(),
                generation,
                link,
                relatedKey);
    }

    /** A record under an invented key would change another row downstream: better to stop and say why. */
    private void requireKey(SourceEvent event, @Nullable Row row) {
        int missing = images.missingKeyColumn(row);
        if (missing >= 0) {
            String column = table.columns().get(missing).name();
            throw new CdcException(
                    ErrorCode.VALUE_UNREPRESENTABLE,
                    "the change of table " + table.id() + " at " + event.position()
                            + " comes without its primary key's column " + column
                            + ", as the replica identity of the table does not log it; run ALTER TABLE " + table.id()
                            + " REPLICA IDENTITY DEFAULT (or FULL) and take a new snapshot of the table");
        }
    }

    private static Row after(SourceEvent event) {
        return Objects.requireNonNull(((RowChange) event).after(), "after");
    }
}
