package io.cdcsystem.source.postgres.snapshot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Behind all rows of a block. Bounds are ordered by relation, then block.
 *
 * @param relation the oid of the table or partition
 * @param file the file that the block was counted in: rows of another one lie elsewhere
 * @param block the last block of the chunk
 */
record BlockBound(long relation, long file, long block) {
    /** Above every block that a relation can have. */
    static final long END = 0xffff_ffffL;
    /** The last place of a block that a tid can name; above all rows of the block. */
    private static final int LAST_OFFSET = 65535;

    private static final Cut CUT = new Cut.ByBlocks();

    /** Behind the last row of a relation, however large it becomes. */
    static BlockBound endOf(long relation, long file) {
        return new BlockBound(relation, file, END);
    }

    static @Nullable BlockBound of(@Nullable List<String> bound) {
        List<String> values = CUT.values(bound);
        if (values == null) {
            return null;
        }
        if (values.size() != 3) {
            throw new IllegalArgumentException("not a bound of blocks: " + bound);
        }
        return new BlockBound(
                Long.parseLong(values.get(0)), Long.parseLong(values.get(1)), Long.parseLong(values.get(2)));
    }

    List<String> bound() {
        return CUT.bound(List.of(Long.toString(relation), Long.toString(file), Long.toString(block)));
    }

    boolean isEnd() {
        return block == END;
    }

    /** The last row that can lie before it, as SQL. */
    String tid() {
        return "CAST('(" + block + "," + LAST_OFFSET + ")' AS pg_catalog.tid)";
    }
}
