package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The customers of Debezium's tutorial, and tables of one column. */
public final class Samples {
    public static final EnvelopeConfig CONFIG = EnvelopeConfig.of("server1", "postgresql");
    public static final long NOW = 1_754_300_000_250_111L;
    public static final TableSchema CUSTOMERS = new TableSchema(
            new TableId("inventory", "public", "customers"),
            List.of(
                    new Column("id", ColumnType.of(Kind.INT32), false, new FieldValue(new byte[4]), "int4"),
                    column("first_name", ColumnType.of(Kind.STRING), false),
                    column("last_name", ColumnType.of(Kind.STRING), false),
                    column("email", ColumnType.of(Kind.STRING), false)),
            List.of("id"));
    public static final Row ANN = TestRows.row()
            .int32(1005)
            .string("Ann")
            .string("Lee")
            .string("ann@x.org")
            .build();

    private static final TransactionInfo STREAMED =
            new TransactionInfo(555, 24_023_200, 24_023_119, 1_754_300_000_123_456L);
    private static final Position POSITION = new Position(1, 24_023_200, 3);

    private Samples() {}

    public static Column column(String name, ColumnType type, boolean nullable) {
        return new Column(name, type, nullable, null, type.kind().name());
    }

    /** A table {@code db.public.t} with an int32 key {@code id} and these columns. */
    public static TableSchema table(Column... columns) {
        List<Column> all = new ArrayList<>();
        all.add(column("id", ColumnType.of(Kind.INT32), false));
        all.addAll(List.of(columns));
        return new TableSchema(new TableId("db", "public", "t"), all, List.of("id"));
    }

    public static SourceEvent streamed(TableSchema table, Op op, @Nullable Row before, @Nullable Row after) {
        return new RowChange(table, op, before, after, POSITION, STREAMED, 24_023_128, null);
    }

    public static SourceEvent truncated(TableSchema table) {
        return new TableTruncated(table, POSITION, STREAMED, 24_023_128);
    }

    public static SourceEvent read(TableSchema table, Row after) {
        return read(table, after, generation());
    }

    /** A row of the table's second snapshot run. */
    public static SourceEvent readAgain(TableSchema table, Row after) {
        return read(table, after, generation().inRun(2));
    }

    private static SourceEvent read(TableSchema table, Row after, Generation generation) {
        TransactionInfo reading = new TransactionInfo((7L << 32) + 550, 24_023_000, 5, 1_754_299_990_000_111L);
        return new RowChange(table, Op.READ, null, after, POSITION, reading, 24_023_000, generation);
    }

    private static Generation generation() {
        return new Generation(1, 3, POSITION, new Visibility(1, 2, new long[0]));
    }
}
