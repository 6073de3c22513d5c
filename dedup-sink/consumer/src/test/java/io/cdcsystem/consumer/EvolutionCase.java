package io.cdcsystem.consumer;

import static io.cdcsystem.consumer.EvolvingTable.column;
import static io.cdcsystem.consumer.EvolvingTable.decimal;
import static io.cdcsystem.consumer.EvolvingTable.int32;
import static io.cdcsystem.consumer.EvolvingTable.int64;
import static io.cdcsystem.consumer.EvolvingTable.row;
import static io.cdcsystem.consumer.EvolvingTable.text;
import static io.cdcsystem.consumer.EvolvingTable.version;

import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A table's change, with a row of each version and what a reader of the other version makes of it.
 *
 * @param newerReadsOld what the second version's reader reads of the first version's row
 * @param olderReadsNew what the first version's reader reads of the second version's row
 */
record EvolutionCase(
        String name,
        TableSchema first,
        Row firstRow,
        TableSchema second,
        Row secondRow,
        Outcome newerReadsOld,
        Outcome olderReadsNew) {

    /** The row's columns but its key, as text; or why there is none. */
    record Outcome(
            @Nullable Map<String, String> columns, @Nullable String misfit) {}

    @Override
    public String toString() {
        return name;
    }

    static List<EvolutionCase> all() {
        ColumnType int32 = ColumnType.of(Kind.INT32);
        ColumnType string = ColumnType.of(Kind.STRING);
        ColumnType money = ColumnType.decimal(10, 2);
        TableSchema bare = version();
        TableSchema note = version(column("c", string, true));
        TableSchema required = version(column("c", string, false));
        TableSchema number = version(column("c", int32, false));
        Row nothing = row(1);
        Row one = row(1, int32(7));
        Row words = row(2, text("seven"));
        return List.of(
                of("nullable column added", bare, nothing, note, words, reads("c", "null"), reads()),
                of(
                        "column with default added",
                        bare,
                        nothing,
                        version(column("c", int32, false, int32(5))),
                        row(2, int32(6)),
                        reads("c", "5"),
                        reads()),
                of(
                        "nullable column with default added",
                        bare,
                        nothing,
                        version(column("c", string, true, text("new"))),
                        row(2, new byte[][] {null}),
                        reads("c", "new"),
                        reads()),
                of(
                        "required column added",
                        bare,
                        nothing,
                        number,
                        one,
                        misfit("field before.c was not written and has no default in the reader's schema"),
                        reads()),
                of(
                        "int widened to bigint",
                        number,
                        one,
                        version(column("c", ColumnType.of(Kind.INT64), false)),
                        row(2, int64(1L << 40)),
                        reads("c", "7"),
                        misfit("field before.c was written as long and is read as int")),
                of("nullable column dropped", note, words, bare, nothing, reads(), reads("c", "null")),
                of(
                        "required column dropped",
                        required,
                        words,
                        bare,
                        nothing,
                        reads(),
                        misfit("field before.c was not written and has no default in the reader's schema")),
                of(
                        "column renamed",
                        required,
                        words,
                        version(column("d", string, false)),
                        words,
                        misfit("field before.d was not written and has no default in the reader's schema"),
                        misfit("field before.c was not written and has no default in the reader's schema")),
                of(
                        "int retyped to text",
                        number,
                        one,
                        required,
                        words,
                        misfit("field before.c was written as int and is read as string"),
                        misfit("field before.c was written as string and is read as int")),
                of(
                        "not null dropped",
                        required,
                        words,
                        note,
                        row(2, new byte[][] {null}),
                        reads("c", "seven"),
                        misfit("field before.c was written as one that may be null and is read as string")),
                of(
                        "nullable int retyped to nullable text",
                        version(column("c", int32, true)),
                        one,
                        note,
                        words,
                        misfit("field before.c was written as int and is read as string"),
                        misfit("field before.c was written as string and is read as int")),
                of(
                        "label added to an enum",
                        version(column("c", ColumnType.enumeration(List.of("a")), false)),
                        row(1, text("a")),
                        version(column("c", ColumnType.enumeration(List.of("a", "b")), false)),
                        row(2, text("b")),
                        reads("c", "a"),
                        reads("c", "b")),
                of(
                        "digits added before the point",
                        version(column("c", money, false)),
                        row(1, decimal(2, 77)),
                        version(column("c", ColumnType.decimal(12, 2), false)),
                        row(2, decimal(2, 78)),
                        reads("c", "[77]"),
                        reads("c", "[78]")),
                of(
                        "digits added behind the point",
                        version(column("c", money, false)),
                        row(1, decimal(2, 77)),
                        version(column("c", ColumnType.decimal(12, 4), false)),
                        row(2, decimal(4, 77)),
                        misfit(
                                "field before.c was written as bytes (decimal of scale 2) and is read as bytes (decimal of"
                                        + " scale 4)"),
                        misfit(
                                "field before.c was written as bytes (decimal of scale 4) and is read as bytes (decimal of"
                                        + " scale 2)")),
                of(
                        "decimal retyped to text",
                        version(column("c", money, false)),
                        row(1, decimal(2, 77)),
                        required,
                        words,
                        misfit("field before.c was written as bytes (decimal of scale 2) and is read as string"),
                        misfit("field before.c was written as string and is read as bytes (decimal of scale 2)")),
                of(
                        "milliseconds refined to microseconds",
                        version(column("c", ColumnType.of(Kind.TIMESTAMP, 3), false)),
                        row(1, int64(1_000_000)),
                        version(column("c", ColumnType.of(Kind.TIMESTAMP, 6), false)),
                        row(2, int64(1_000_001)),
                        misfit("field before.c was written as long (io.debezium.time.Timestamp) and is read as long"
                                + " (io.debezium.time.MicroTimestamp)"),
                        misfit(
                                "field before.c was written as long (io.debezium.time.MicroTimestamp) and is read as long"
                                        + " (io.debezium.time.Timestamp)")),
                of(
                        "bytes retyped to text",
                        version(column("c", ColumnType.of(Kind.BYTES), false)),
                        row(1, new byte[] {-1}),
                        required,
                        words,
                        misfit("field before.c was written as bytes and is read as string"),
                        misfit("field before.c was written as string and is read as bytes")));
    }

    private static EvolutionCase of(
            String name,
            TableSchema first,
            Row firstRow,
            TableSchema second,
            Row secondRow,
            Outcome newerReadsOld,
            Outcome olderReadsNew) {
        return new EvolutionCase(name, first, firstRow, second, secondRow, newerReadsOld, olderReadsNew);
    }

    private static Outcome reads(String... columns) {
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < columns.length; i += 2) {
            expected.put(columns[i], columns[i + 1]);
        }
        return new Outcome(expected, null);
    }

    private static Outcome misfit(String why) {
        return new Outcome(null, why);
    }
}
