package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.type.FieldDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How tuples of a captured relation become rows; immutable. */
final class RelationLayout {
    private final TableSchema table;
    private final FieldDecoder[] decoders;
    private final boolean[] identity;
    private final @Nullable Visibility alreadyRead;

    RelationLayout(
            TableSchema table, List<FieldDecoder> decoders, boolean[] identity, @Nullable Visibility alreadyRead) {
        this.table = table;
        this.decoders = decoders.toArray(new FieldDecoder[0]);
        this.identity = identity.clone();
        this.alreadyRead = alreadyRead;
    }

    /** The same for a table of which other rows were read. */
    RelationLayout withAlreadyRead(@Nullable Visibility read) {
        return new RelationLayout(table, List.of(decoders), identity, read);
    }

    TableSchema table() {
        return table;
    }

    int columns() {
        return decoders.length;
    }

    FieldDecoder decoder(int column) {
        return decoders[column];
    }

    /** Whether key-only tuples carry the column. */
    boolean isIdentity(int column) {
        return identity[column];
    }

    /** Whether every row that the snapshot read contains what the transaction did. */
    boolean alreadyRead(long transaction) {
        return alreadyRead != null && alreadyRead.sees(transaction);
    }
}
