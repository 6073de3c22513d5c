package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.catalog.CatalogColumn;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A captured table as the event triggers told it.
 *
 * @param schema its version
 * @param columns the captured columns as the catalog had them, in the version's order
 * @param types their types
 */
record ToldTable(TableSchema schema, List<CatalogColumn> columns, List<PgType> types) {

    /** Copies the lists. */
    ToldTable {
        columns = List.copyOf(columns);
        types = List.copyOf(types);
    }

    /** Whether every column can be read in binary form. */
    boolean readableAsBinary() {
        return types.stream().allMatch(PgType::known);
    }

    /** Whether the stream's description of the table is of this definition, as far as it goes. */
    boolean describedBy(RelationMessage relation) {
        if (relation.columns().size() != columns.size()) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            CatalogColumn told = columns.get(i);
            RelationMessage.Column described = relation.columns().get(i);
            if (!told.name().equals(described.name())
                    || told.typeOid() != described.typeOid()
                    || told.typmod() != described.typmod()) {
                return false;
            }
        }
        return keyDescribedBy(relation);
    }

    /** The identity says nothing of the key unless it is the default one, and flags columns. */
    private boolean keyDescribedBy(RelationMessage relation) {
        Set<String> flagged = new HashSet<>();
        for (RelationMessage.Column column : relation.columns()) {
            if (column.key()) {
                flagged.add(column.name());
            }
        }
        return relation.identity() != RelationDescription.IDENTITY_DEFAULT
                || flagged.isEmpty()
                || flagged.equals(Set.copyOf(schema.primaryKey()));
    }
}
