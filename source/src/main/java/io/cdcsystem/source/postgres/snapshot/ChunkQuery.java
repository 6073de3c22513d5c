package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.BinaryCopy;
import io.cdcsystem.source.postgres.SqlText;
import io.cdcsystem.source.postgres.catalog.PgTable;
import io.cdcsystem.source.postgres.catalog.TableFile;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.source.split.SnapshotSplit;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A chunk's rows as a query for COPY.
 *
 * @param sql selects the columns
 * @param types their types
 */
record ChunkQuery(String sql, List<PgType> types) {

    /** The query in a session that has found nothing changed. */
    static ChunkQuery of(ChunkSession session, SnapshotSplit split, RowFilter filter) throws SQLException {
        ChunkRange range = split.range();
        TableAtSnapshot held = session.table(split.table().id());
        PgTable table = held.table();
        String columns = columns(table);
        Cut cut = Cut.of(range);
        session.scansTables(cut == null || cut instanceof Cut.ByBlocks);
        if (cut instanceof Cut.ByBlocks) {
            return new ChunkQuery(byBlocks(columns, held, range, filter), table.types());
        }
        // Inheriting tables are captured by their own name; partitions under their root.
        String from = " FROM " + (table.partitioned() ? "" : "ONLY ")
                + SqlText.table(table.schema().id());
        String condition =
                cut == null ? "" : session.order(table.schema().id(), cut).condition(range);
        return new ChunkQuery("SELECT " + columns + from + filter.where(condition), table.types());
    }

    private static String columns(PgTable table) {
        TableSchema schema = table.schema();
        List<String> expressions = new ArrayList<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            String column = SqlText.identifier(schema.columns().get(i).name());
            expressions.add(BinaryCopy.expression(column, table.types().get(i)));
        }
        return String.join(", ", expressions);
    }

    private static String byBlocks(String columns, TableAtSnapshot held, ChunkRange range, RowFilter filter) {
        BlockBound from = BlockBound.of(range.from());
        BlockBound to = BlockBound.of(range.to());
        List<String> parts = new ArrayList<>();
        for (TableFile seen : TableAtSnapshot.within(range, held.seen())) {
            // By the name of now: it may have been renamed since the snapshot.
            Optional<TableFile> file = held.now().file(seen.oid());
            if (file.isPresent()) {
                parts.add("SELECT " + columns + " FROM ONLY " + name(file.get())
                        + filter.where(condition(seen.oid(), from, to)));
            }
        }
        return parts.isEmpty()
                ? "SELECT " + columns + " FROM "
                        + SqlText.table(held.table().schema().id()) + " WHERE false"
                : String.join(" UNION ALL ", parts);
    }

    private static String condition(long relation, @Nullable BlockBound from, @Nullable BlockBound to) {
        List<String> conditions = new ArrayList<>();
        if (from != null && from.relation() == relation) {
            conditions.add("ctid > " + from.tid());
        }
        if (to != null && to.relation() == relation && !to.isEnd()) {
            conditions.add("ctid <= " + to.tid());
        }
        return String.join(" AND ", conditions);
    }

    private static String name(TableFile file) {
        return SqlText.table(new TableId("", file.schema(), file.name()));
    }
}
