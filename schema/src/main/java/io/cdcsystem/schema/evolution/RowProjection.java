package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TableTruncated;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says events of one table version in the words of another, column by column of the same name: columns that the other does
 * not have are left out, columns that only the other has are null or their default. Copies every row: for versions that
 * may not be published as they are, not for the usual way. Belongs to one thread.
 */
public final class RowProjection {
    /** What a column of the target is filled from when its version does not have it. */
    private static final int MISSING = -1;

    private final TableSchema from;
    private final TableSchema as;
    private final int[] sources;
    private final RowCursor cursor = new RowCursor();
    private final RowWriter writer = new RowWriter();
    private final int[] offsets;
    private final int[] lengths;

    /**
     * A projection.
     *
     * @throws IllegalArgumentException where {@link #obstacle} finds one
     */
    public RowProjection(TableSchema from, TableSchema as) {
        obstacle(from, as).ifPresent(obstacle -> {
            throw new IllegalArgumentException("rows of " + from.id() + " do not fit: " + obstacle);
        });
        this.from = from;
        this.as = as;
        this.sources = as.columns().stream()
                .mapToInt(column -> from.indexOf(column.name()))
                .toArray();
        this.offsets = new int[from.columns().size()];
        this.lengths = new int[from.columns().size()];
    }

    /** Why not every row of {@code from} can be said in {@code as}; empty where each can. */
    public static Optional<String> obstacle(TableSchema from, TableSchema as) {
        if (!from.id().equals(as.id())) {
            return Optional.of(from.id() + " and " + as.id() + " are two tables");
        }
        if (!from.primaryKey().equals(as.primaryKey())) {
            return Optional.of("the primary key differs");
        }
        for (Column wanted : as.columns()) {
            int index = from.indexOf(wanted.name());
            if (index < 0) {
                if (!wanted.nullable() && wanted.defaultValue() == null) {
                    return Optional.of("column " + wanted.name() + " is gone, and was neither nullable nor defaulted");
                }
                continue;
            }
            Column given = from.columns().get(index);
            if (given.nullable() && !wanted.nullable()) {
                return Optional.of("column " + wanted.name() + " may be null now");
            }
            if (!given.type().equals(wanted.type()) && !widens(given, wanted)) {
                return Optional.of("not every value of column " + wanted.name() + " as " + given.sourceType()
                        + " is one of " + wanted.sourceType());
            }
        }
        return Optional.empty();
    }

    private static boolean widens(Column given, Column wanted) {
        return width(given) > 0 && width(wanted) > width(given);
    }

    /** Bytes of an integer, 0 of any other type. */
    private static int width(Column column) {
        return switch (column.type().kind()) {
            case INT16 -> Short.BYTES;
            case INT32 -> Integer.BYTES;
            case INT64 -> Long.BYTES;
            default -> 0;
        };
    }

    /** The event as one of the target's version. */
    public SourceEvent project(SourceEvent event) {
        if (event instanceof RowChange change) {
            return new RowChange(
                    as,
                    change.op(),
                    row(change.before(), true),
                    row(change.after(), false),
                    change.position(),
                    change.transaction(),
                    change.recordOffset(),
                    change.generation());
        }
        if (event instanceof TableTruncated) {
            return new TableTruncated(as, event.position(), event.transaction(), event.recordOffset());
        }
        if (event instanceof SnapshotCompleted completed) {
            return new SnapshotCompleted(
                    as,
                    completed.position(),
                    completed.transaction(),
                    completed.recordOffset(),
                    completed.generation());
        }
        throw new IllegalArgumentException(
                "nothing to project: " + (event instanceof VersionAdmitted ? "a version" : event));
    }

    private @Nullable Row row(@Nullable Row row, boolean old) {
        if (row == null) {
            return null;
        }
        cursor.wrap(row);
        for (int i = 0; i < offsets.length; i++) {
            if (!cursor.next()) {
                throw new IllegalStateException("a row has fewer fields than its table has columns");
            }
            offsets[i] = cursor.offset();
            lengths[i] = cursor.length();
        }
        for (int i = 0; i < sources.length; i++) {
            Column wanted = as.columns().get(i);
            if (sources[i] == MISSING) {
                fill(wanted, old);
            } else {
                copy(row.array(), sources[i], wanted);
            }
        }
        return writer.finish();
    }

    private void fill(Column wanted, boolean old) {
        FieldValue value = wanted.defaultValue();
        if (old) {
            // An old image that was not logged says nothing of the column, rather than that it was null.
            writer.writeAbsent();
        } else if (wanted.nullable() || value == null) {
            writer.writeNull();
        } else {
            byte[] bytes = value.toByteArray();
            writer.writeField(bytes, 0, bytes.length);
        }
    }

    private void copy(byte[] array, int source, Column wanted) {
        int length = lengths[source];
        Kind given = from.columns().get(source).type().kind();
        if (length < 0) {
            writer.writeInt(length);
        } else if (given == wanted.type().kind()) {
            writer.writeField(array, offsets[source], length);
        } else {
            long value = given == Kind.INT16
                    ? BigEndian.getShort(array, offsets[source])
                    : BigEndian.getInt(array, offsets[source]);
            writer.beginField();
            if (wanted.type().kind() == Kind.INT64) {
                writer.writeLong(value);
            } else {
                writer.writeInt((int) value);
            }
            writer.endField();
        }
    }
}
