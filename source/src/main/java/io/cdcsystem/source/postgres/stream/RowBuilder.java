package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.source.postgres.pgoutput.TupleView;

/** Turns tuples into rows. Belongs to one thread. */
final class RowBuilder {
    private final RowWriter writer = new RowWriter();

    /** A new row: what was not sent because it did not change is UNCHANGED. */
    Row after(TupleView tuple, RelationLayout layout) {
        requireColumns(tuple, layout);
        for (int i = 0; i < layout.columns(); i++) {
            if (tuple.format(i) == TupleView.UNCHANGED) {
                writer.writeUnchanged();
            } else {
                write(tuple, i, layout);
            }
        }
        return writer.finish();
    }

    /** An old row: what was not logged is ABSENT, though the message says NULL. */
    Row before(TupleView tuple, boolean keyOnly, RelationLayout layout) {
        requireColumns(tuple, layout);
        for (int i = 0; i < layout.columns(); i++) {
            if (tuple.format(i) == TupleView.UNCHANGED || (keyOnly && !layout.isIdentity(i))) {
                writer.writeAbsent();
            } else {
                write(tuple, i, layout);
            }
        }
        return writer.finish();
    }

    private void write(TupleView tuple, int column, RelationLayout layout) {
        try {
            switch (tuple.format(column)) {
                case TupleView.BINARY ->
                    layout.decoder(column).binary(tuple.array(), tuple.offset(column), tuple.length(column), writer);
                case TupleView.TEXT ->
                    layout.decoder(column).text(tuple.array(), tuple.offset(column), tuple.length(column), writer);
                default -> writer.writeNull();
            }
        } catch (CdcException e) {
            writer.reset();
            throw new CdcException(
                    e.code(),
                    "column " + layout.table().columns().get(column).name() + " of "
                            + layout.table().id() + ": " + e.getMessage(),
                    e);
        }
    }

    private static void requireColumns(TupleView tuple, RelationLayout layout) {
        if (tuple.columns() != layout.columns()) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "a row of " + layout.table().id() + " has " + tuple.columns() + " columns instead of "
                            + layout.columns() + "; the server is not a PostgreSQL that this build knows");
        }
    }
}
