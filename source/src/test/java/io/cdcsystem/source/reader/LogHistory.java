package io.cdcsystem.source.reader;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A log of rows and of changes of definitions, made at random; read in batches from any place, cut at random as well. */
final class LogHistory {
    /** A table whose definition never changes. */
    static final TableSchema STEADY = Samples.table("steady");

    private static final List<String> NAMES = List.of("a", "b", "c", "d");

    /** One thing of the log: an event, or a change that stands at the place of the event behind it. */
    record Item(
            int transaction,
            int ordinal,
            @Nullable SourceEvent event,
            @Nullable TableChange change) {}

    final List<Item> items = new ArrayList<>();
    private final Random random;
    private final Map<String, TableSchema> tables = new TreeMap<>();
    private int columns;
    private int rows;

    LogHistory(Random random, int transactions) {
        this.random = random;
        tables.put("a", Samples.table("a"));
        tables.put("b", Samples.table("b"));
        for (int transaction = 0; transaction < transactions; transaction++) {
            int ordinal = 0;
            for (int i = random.nextInt(6); i >= 0; i--) {
                TableChange change = random.nextInt(4) == 0 ? change() : null;
                if (change != null) {
                    items.add(new Item(transaction, ordinal, null, change));
                } else {
                    SourceEvent event = Samples.created(table(), rows++, transaction, ordinal);
                    items.add(new Item(transaction, ordinal, event, null));
                    ordinal++;
                }
            }
        }
    }

    private TableSchema table() {
        List<TableSchema> present = new ArrayList<>(tables.values());
        present.add(STEADY);
        TableSchema table = present.get(random.nextInt(present.size()));
        if (!table.equals(STEADY) && random.nextInt(20) == 0) {
            // A version that nothing announced.
            table = altered(table);
            tables.put(table.id().name(), table);
        }
        // Equal versions may be several instances.
        return new TableSchema(table.id(), table.columns(), table.primaryKey());
    }

    private @Nullable TableChange change() {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        TableSchema before = tables.get(name);
        String other = NAMES.get(random.nextInt(NAMES.size()));
        TableSchema after;
        switch (random.nextInt(5)) {
            case 0 -> after = null;
            case 1 -> after = before == null || tables.containsKey(other) ? before : named(before, other);
            case 2 -> after = before == null ? null : Samples.table(name);
            default -> after = before == null ? Samples.table(name) : altered(before);
        }
        if (before == null && after == null) {
            return null;
        }
        tables.remove(name);
        if (after != null) {
            tables.put(after.id().name(), after);
        }
        return new TableChange(before, after, Map.of(), false, ChangeOrigin.DDL, null);
    }

    private TableSchema altered(TableSchema table) {
        List<Column> wider = new ArrayList<>(table.columns());
        wider.add(new Column("c" + columns++, ColumnType.of(ColumnType.Kind.STRING), true, null, "text"));
        return new TableSchema(table.id(), wider, table.primaryKey());
    }

    private static TableSchema named(TableSchema table, String name) {
        return new TableSchema(
                new TableId(table.id().database(), table.id().schema(), name), table.columns(), table.primaryKey());
    }

    /** The first item that is read from that place on. */
    int indexOf(int boundary, long changesAfter) {
        int index = 0;
        while (index < items.size()
                && (items.get(index).transaction < boundary
                        || (items.get(index).transaction == boundary && items.get(index).ordinal < changesAfter))) {
            index++;
        }
        return index;
    }

    /** Items from there to there. */
    LogBatch batch(int from, int to) {
        List<SourceEvent> events = new ArrayList<>();
        List<DefinitionChange> changes = new ArrayList<>();
        List<TableSchema> versions = new ArrayList<>();
        for (Item item : items.subList(from, to)) {
            if (item.event != null) {
                events.add(item.event);
            } else if (item.change != null) {
                changes.add(new DefinitionChange(
                        events.size(),
                        item.change,
                        new Position(1, 0x1000 + item.transaction, item.ordinal),
                        new TransactionInfo(1000 + item.transaction, 0x1000 + item.transaction, 0, 2_000_000)));
                TableSchema after = item.change.after();
                if (after != null) {
                    versions.add(after);
                }
            }
        }
        Item last = items.get(to - 1);
        boolean whole = to == items.size() || items.get(to).transaction > last.transaction;
        int read = last.event == null ? last.ordinal : last.ordinal + 1;
        return new LogBatch(
                events,
                Samples.token(whole ? last.transaction + 1 : last.transaction),
                whole ? 0 : read,
                versions,
                changes,
                List.of());
    }
}
