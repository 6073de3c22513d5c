package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Guesses a table's version from the stream's description of it, which tells names, types and identity only. Stateless. */
final class RelationDescription {
    /** The replica identity is the primary key. */
    static final char IDENTITY_DEFAULT = 'd';

    private RelationDescription() {}

    /** The version, as far as it can be told; what is not told is taken from the one before. */
    static TableSchema version(RelationMessage relation, List<PgType> types, TableSchema previous) {
        List<String> key = primaryKey(relation, previous);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            String name = relation.columns().get(i).name();
            PgType type = types.get(i);
            int index = previous.indexOf(name);
            Column before = index < 0 ? null : previous.columns().get(index);
            ColumnType columnType = before != null && growsTo(before, type) ? before.type() : type.columnType();
            boolean kept = before != null && before.type().equals(columnType);
            boolean nullable = before == null || !kept || before.nullable();
            columns.add(new Column(
                    name,
                    columnType,
                    nullable && !key.contains(name),
                    before != null && kept ? before.defaultValue() : null,
                    type.name()));
        }
        return new TableSchema(previous.id(), columns, key);
    }

    /**
     * Labels come from the catalog of today, which may have more than the type had at this place of the log: taken too
     * early, they would seem lost where an event trigger tells the type as it was.
     */
    private static boolean growsTo(Column before, PgType type) {
        return before.type().kind() == Kind.ENUM
                && type.columnType().kind() == Kind.ENUM
                && type.name().equals(before.sourceType())
                && Set.copyOf(type.columnType().labels())
                        .containsAll(before.type().labels());
    }

    /** Whether rows that are described so have the version's columns. */
    static boolean sameForm(RelationMessage relation, List<PgType> types, TableSchema version) {
        List<Column> columns = version.columns();
        boolean same = columns.size() == types.size();
        for (int i = 0; same && i < columns.size(); i++) {
            Column column = columns.get(i);
            same = column.name().equals(relation.columns().get(i).name())
                    && types.get(i).name().equals(column.sourceType());
        }
        return same;
    }

    /**
     * The primary key, as far as the message tells: with the default identity the flagged columns are its columns, though
     * not in its order. No flag tells nothing, since a deferrable primary key is no replica identity.
     */
    private static List<String> primaryKey(RelationMessage relation, TableSchema previous) {
        Set<String> names = new HashSet<>();
        List<String> flagged = new ArrayList<>();
        for (RelationMessage.Column column : relation.columns()) {
            names.add(column.name());
            if (column.key()) {
                flagged.add(column.name());
            }
        }
        boolean keyTold = relation.identity() == IDENTITY_DEFAULT && !flagged.isEmpty();
        if (keyTold && !Set.copyOf(flagged).equals(Set.copyOf(previous.primaryKey()))) {
            return flagged;
        }
        return names.containsAll(previous.primaryKey()) ? previous.primaryKey() : List.of();
    }
}
