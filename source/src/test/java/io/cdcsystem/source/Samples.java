package io.cdcsystem.source;

import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Values that several tests need. */
public final class Samples {
    /** The history. */
    public static final SourceEpoch EPOCH = new SourceEpoch(1, "7000000000000000001/1");

    private Samples() {}

    /** A table of one integer key. */
    public static TableSchema table(String name) {
        Column id = new Column("id", ColumnType.of(ColumnType.Kind.INT32), false, null, "integer");
        return new TableSchema(new TableId("app", "public", name), List.of(id), List.of("id"));
    }

    /** The same table with a further column. */
    public static TableSchema altered(TableSchema table, String column) {
        List<Column> columns = new ArrayList<>(table.columns());
        columns.add(new Column(column, ColumnType.of(ColumnType.Kind.STRING), true, null, "text"));
        return new TableSchema(table.id(), columns, table.primaryKey());
    }

    /** A generation of the first run. */
    public static Generation generation(int number) {
        return new Generation(
                1, number, new Position(1, 0x100, number), new Visibility(700 + number, 705 + number, new long[] {
                    702 + number
                }));
    }

    /** Rows above {@code from}, up to {@code to}; -1 is the table's beginning or end. */
    public static ChunkRange range(int from, int to) {
        return new ChunkRange(
                from < 0 ? null : List.of(Integer.toString(from)), to < 0 ? null : List.of(Integer.toString(to)));
    }

    /** A token that counts. */
    public static ResumeToken token(int number) {
        return new ResumeToken(new byte[] {(byte) (number >>> 8), (byte) number});
    }

    /** The count of a token. */
    public static int number(ResumeToken token) {
        byte[] bytes = token.toByteArray();
        return (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    }

    /** A row read by a snapshot. */
    public static SourceEvent read(TableSchema table, int id, Generation generation) {
        TransactionInfo transaction = new TransactionInfo(0, 0x100, 0, 1_000_000);
        return new RowChange(table, Op.READ, null, row(id), generation.position(), transaction, 0x100, generation);
    }

    /** A row inserted by the transaction of that number. */
    public static SourceEvent created(TableSchema table, int id, int transaction, int ordinal) {
        TransactionInfo info = new TransactionInfo(1000 + transaction, 0x1000 + transaction, 0, 2_000_000);
        return new RowChange(
                table,
                Op.CREATE,
                null,
                row(id),
                new Position(1, 0x1000 + transaction, ordinal),
                info,
                0x1000 + transaction,
                null);
    }

    /** Up to where a range reaches; -1 for the table's end. */
    public static int end(ChunkRange range) {
        List<String> to = range.to();
        return to == null ? -1 : Integer.parseInt(to.get(0));
    }

    /** The key of an event's row. */
    public static int id(SourceEvent event) {
        Row row = Objects.requireNonNull(((RowChange) event).after());
        int end = row.offset() + row.length();
        byte[] bytes = row.array();
        return bytes[end - 4] << 24
                | (bytes[end - 3] & 0xff) << 16
                | (bytes[end - 2] & 0xff) << 8
                | (bytes[end - 1] & 0xff);
    }

    private static Row row(int id) {
        RowWriter writer = new RowWriter();
        writer.beginField();
        writer.writeInt(id);
        writer.endField();
        return writer.finish();
    }
}
