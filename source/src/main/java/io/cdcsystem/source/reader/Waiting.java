package io.cdcsystem.source.reader;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.protocol.ReaderReport;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One thing in the backlog of {@link LogGate}. */
sealed interface Waiting {
    /** What an entry of the backlog takes besides its rows, about. */
    long OVERHEAD_BYTES = 64;

    /** The tables that it concerns, and that wait behind it. */
    List<TableId> tables();

    /** Bytes of memory, about. */
    default long bytes() {
        return OVERHEAD_BYTES;
    }

    /** What to ask about it; null where there is nothing to ask. */
    default ReaderReport.@Nullable VersionAsked question() {
        return null;
    }

    /**
     * An event of the log.
     *
     * @param event the event
     * @param point the last place before it to read from
     */
    record Event(SourceEvent event, LogPoint point) implements Waiting {
        @Override
        public List<TableId> tables() {
            return List.of(event.table().id());
        }

        @Override
        public long bytes() {
            return OVERHEAD_BYTES + (event instanceof RowChange row ? length(row.before()) + length(row.after()) : 0);
        }

        private static long length(@Nullable Row row) {
            return row == null ? 0 : row.length();
        }

        @Override
        public ReaderReport.VersionAsked question() {
            return asked(event.table(), event.position(), event.transaction());
        }
    }

    /**
     * A change of a definition.
     *
     * @param change the change
     * @param point the last place before it to read from
     * @param from of each of its tables everything that stands below was handed over
     */
    record Change(DefinitionChange change, LogPoint point, Map<TableId, Position> from) implements Waiting {
        @Override
        public List<TableId> tables() {
            return tables(change.change());
        }

        @Override
        public ReaderReport.VersionAsked question() {
            return new ReaderReport.VersionAsked(change.change(), change.position(), change.transaction());
        }

        /** The table, and under its new name as well where it was renamed. */
        static List<TableId> tables(TableChange change) {
            TableSchema after = change.after();
            return after == null || after.id().equals(change.table())
                    ? List.of(change.table())
                    : List.of(change.table(), after.id());
        }
    }

    /**
     * The end of a table's snapshot.
     *
     * @param swept what the enumerator asked for
     */
    record Sweep(ReadBatch.Swept swept) implements Waiting {
        @Override
        public List<TableId> tables() {
            return List.of(swept.event().table().id());
        }

        @Override
        public ReaderReport.VersionAsked question() {
            SourceEvent event = swept.event();
            return asked(event.table(), event.position(), event.transaction());
        }
    }

    /** The end of the log. */
    record End() implements Waiting {
        @Override
        public List<TableId> tables() {
            return List.of();
        }
    }

    private static ReaderReport.VersionAsked asked(TableSchema table, Position position, TransactionInfo transaction) {
        return new ReaderReport.VersionAsked(TableChange.first(table, ChangeOrigin.SNAPSHOT), position, transaction);
    }
}
