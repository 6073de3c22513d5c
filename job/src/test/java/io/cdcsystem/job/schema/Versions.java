package io.cdcsystem.job.schema;

import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.List;

/** Versions of the table {@code shop.public.orders} and the questions that lead to them. */
public final class Versions {
    private static final Column ID = new Column("id", ColumnType.of(Kind.INT32), false, null, "int4");
    private static final Column TOTAL = new Column("total", ColumnType.of(Kind.INT64), true, null, "int8");
    private static final Column NOTE = new Column("note", ColumnType.of(Kind.STRING), true, null, "text");

    /** id, total. */
    public static final TableSchema FIRST = table(ID, TOTAL);
    /** id, total, note. */
    public static final TableSchema WIDER = table(ID, TOTAL, NOTE);
    /** id. */
    public static final TableSchema DROPPED = table(ID);
    /** id, total as int4. */
    public static final TableSchema NARROWED =
            table(ID, new Column("total", ColumnType.of(Kind.INT32), true, null, "int4"));

    private Versions() {}

    /** id, and as many columns of text more. */
    static TableSchema wide(int columns) {
        List<Column> all = new ArrayList<>(List.of(ID));
        for (int column = 1; column <= columns; column++) {
            all.add(new Column("c" + column, ColumnType.of(Kind.STRING), true, null, "text"));
        }
        return table(all.toArray(new Column[0]));
    }

    private static TableSchema table(Column... columns) {
        return new TableSchema(new TableId("shop", "public", "orders"), List.of(columns), List.of("id"));
    }

    /** The table is new to us. */
    public static VersionRequest first(TableSchema table) {
        return new VersionRequest(
                TableChange.first(table, ChangeOrigin.SNAPSHOT), List.of(), new Position(1, 0x1000, 1), null);
    }

    /** The last of the published versions becomes another. */
    public static VersionRequest alter(List<TableSchema> published, TableSchema after) {
        return new VersionRequest(
                TableChange.inferred(published.get(published.size() - 1), after),
                published,
                new Position(1, 0x2000 + published.size(), 4),
                new TransactionInfo(742, 0x2000, 0x1000, 1_772_359_200_000_001L));
    }
}
