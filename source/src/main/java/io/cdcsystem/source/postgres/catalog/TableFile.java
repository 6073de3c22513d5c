package io.cdcsystem.source.postgres.catalog;

/**
 * One heap: an ordinary table or a partition that has no partitions of its own.
 *
 * @param oid the relation's oid
 * @param schema its schema
 * @param name its name
 * @param ordinary whether it is a table whose rows the server itself keeps, rather than a foreign one
 * @param readable whether the role may select from it by its own name
 * @param file {@code relfilenode}: another one after TRUNCATE, VACUUM FULL, CLUSTER and a rewriting ALTER
 * @param blocks its size now; 0 where that was not asked for
 * @param pages its size when it was last analyzed
 * @param tuples its rows when it was last analyzed; negative where it never was
 */
public record TableFile(
        long oid,
        String schema,
        String name,
        boolean ordinary,
        boolean readable,
        long file,
        long blocks,
        long pages,
        double tuples) {
    /** Rows of a block where the table was never analyzed. */
    private static final double DENSITY_UNKNOWN = 50;

    /** How many rows a block holds, as a guess. */
    public double density() {
        return pages > 0 && tuples > 0 ? tuples / pages : DENSITY_UNKNOWN;
    }

    /** How many rows it holds now, as a guess from the last ANALYZE and the growth since; -1 where there was none. */
    public double rows() {
        if (blocks == 0) {
            return 0;
        }
        return pages > 0 && tuples >= 0 ? tuples / pages * blocks : -1;
    }
}
