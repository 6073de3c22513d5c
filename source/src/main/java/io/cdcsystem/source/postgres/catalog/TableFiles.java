package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.table.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a table's rows lie, as the asking session sees it: under a snapshot that is the state of the snapshot.
 *
 * @param oid the table's oid
 * @param partitioned whether the rows lie in partitions
 * @param files the table itself or its lowest partitions, by ascending oid
 */
public record TableFiles(long oid, boolean partitioned, List<TableFile> files) {
    // Inheriting tables that are no partitions are tables of their own. A partition whose concurrent detaching is not
    // through is still one.
    private static final String SQL = """
            WITH RECURSIVE tree (oid) AS (
              SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
              UNION ALL
              SELECT i.inhrelid FROM tree t JOIN pg_catalog.pg_class p ON p.oid = t.oid AND p.relkind = 'p'
                JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid)
            SELECT c.oid::bigint, n.nspname, c.relname, c.relkind,
              coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT'), false), c.relfilenode::bigint,
              CASE WHEN ? AND c.relkind = 'r' THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0)
                / pg_catalog.current_setting('block_size')::bigint ELSE 0 END, c.relpages, c.reltuples,
              c.relname = ? AND n.nspname = ?
            FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            ORDER BY 1
            """;

    /** Copies the files. */
    public TableFiles {
        files = List.copyOf(files);
    }

    /** Without sizes; null where there is no such table. */
    public static @Nullable TableFiles of(Connection connection, TableId id) throws SQLException {
        return read(connection, id, false);
    }

    /** With the sizes of now, for which every file is locked for a moment; null where there is no such table. */
    public static @Nullable TableFiles withSizes(Connection connection, TableId id) throws SQLException {
        return read(connection, id, true);
    }

    /** The file of that relation. */
    public Optional<TableFile> file(long relation) {
        return files.stream().filter(file -> file.oid() == relation).findFirst();
    }

    /** Names the files, so that it can be told later whether any was replaced: {@code oid:file,…}. */
    public String storage() {
        return files.stream().map(file -> file.oid() + ":" + file.file()).collect(Collectors.joining(","));
    }

    /** Whether every file that {@link #storage} named is still here. */
    public boolean holds(String storage) {
        Set<String> present = Set.of(storage().split(",", -1));
        return storage.isEmpty() || present.containsAll(Set.of(storage.split(",", -1)));
    }

    /** How many rows the table has, as a guess; -1 where a part was never analyzed. */
    public long rows() {
        double rows = 0;
        for (TableFile file : files) {
            if (file.rows() < 0) {
                return -1;
            }
            rows += file.rows();
        }
        return Math.round(rows);
    }

    private static @Nullable TableFiles read(Connection connection, TableId id, boolean sizes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setString(1, id.schema());
            statement.setString(2, id.name());
            statement.setBoolean(3, sizes);
            statement.setString(4, id.name());
            statement.setString(5, id.schema());
            long root = -1;
            boolean partitioned = false;
            List<TableFile> files = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    boolean branches = row.getString(4).equals("p");
                    if (row.getBoolean(10)) {
                        root = row.getLong(1);
                        partitioned = branches;
                    }
                    if (!branches) {
                        files.add(new TableFile(
                                row.getLong(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4).equals("r"),
                                row.getBoolean(5),
                                row.getLong(6),
                                row.getLong(7),
                                row.getLong(8),
                                row.getDouble(9)));
                    }
                }
            }
            return root < 0 ? null : new TableFiles(root, partitioned, files);
        }
    }
}
