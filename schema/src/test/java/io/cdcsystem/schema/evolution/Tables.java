package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table (id int4 primary key, name text, note text) and its events. */
final class Tables {
    /** Stands in a row for a value that is not part of the replica identity. */
    static final Object ABSENT = new Object();
    /** Stands in a row for a value that did not change and was not logged. */
    static final Object UNCHANGED = new Object();

    static final TableSchema ORDERS = orders(List.of("id"));
    static final TableSchema KEYLESS = orders(List.of());
    static final Position POSITION = new Position(1, 0x2000, 4);
    static final TransactionInfo TRANSACTION = new TransactionInfo(742, 0x2000, 0x1000, 1_700_000_000_000_001L);

    private Tables() {}

    static TableSchema orders(List<String> key) {
        return new TableSchema(
                new TableId("shop", "public", "orders"),
                List.of(
                        new Column("id", ColumnType.of(ColumnType.Kind.INT32), false, null, "int4"),
                        new Column("name", ColumnType.of(ColumnType.Kind.STRING), true, null, "text"),
                        new Column("note", ColumnType.of(ColumnType.Kind.STRING), true, null, "text")),
                key);
    }

    static Row row(@Nullable Object... fields) {
        RowWriter writer = new RowWriter();
        for (Object field : fields) {
            if (field == null) {
                writer.writeNull();
            } else if (field == ABSENT) {
                writer.writeAbsent();
            } else if (field == UNCHANGED) {
                writer.writeUnchanged();
            } else {
                byte[] bytes;
                if (field instanceof Integer number) {
                    bytes = new byte[Integer.BYTES];
                    BigEndian.putInt(bytes, 0, number);
                } else {
                    bytes = field.toString().getBytes(StandardCharsets.UTF_8);
                }
                writer.writeField(bytes, 0, bytes.length);
            }
        }
        return writer.finish();
    }

    static RowChange change(TableSchema table, Op op, @Nullable Row before, @Nullable Row after) {
        return new RowChange(table, op, before, after, POSITION, TRANSACTION, 0x1FF0, null);
    }

    static RowChange read(TableSchema table, Row after) {
        Generation generation =
                new Generation(1, 1, new Position(1, 0xFFF, 1), new Visibility(740, 742, new long[] {741}));
        return new RowChange(table, Op.READ, null, after, generation.position(), TRANSACTION, 0xFFF, generation);
    }

    static SnapshotCompleted completed(TableSchema table) {
        Generation generation =
                new Generation(2, 4, new Position(1, 0x2FFF, 4), new Visibility(740, 742, new long[] {741}));
        return new SnapshotCompleted(table, new Position(1, 0x3000, 0), TRANSACTION, 0x2FFF, generation);
    }

    static TableTruncated truncated(TableSchema table) {
        return new TableTruncated(table, POSITION, TRANSACTION, 0x1FF0);
    }
}
