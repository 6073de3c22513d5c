package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.catalog.TableCatalog;
import io.cdcsystem.source.postgres.ddl.DdlTriggers;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.testbed.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A database whose definitions change while its log is read. */
final class DdlFixture {
    final LogFixture log;

    DdlFixture(PostgresServer server, boolean triggers) throws SQLException {
        this.log = new LogFixture(server);
        if (triggers) {
            install();
        }
    }

    void install() throws SQLException {
        try (Connection connection = log.server.connect(log.database)) {
            new DdlTriggers(connection).install();
        }
    }

    TableId id(String name) {
        return new TableId(log.database, "public", name);
    }

    /** The table as a discovery finds it now. */
    TableSchema discovered(String name) throws SQLException {
        return discovered(id(name));
    }

    TableSchema discovered(TableId id) throws SQLException {
        try (Connection connection = log.server.connect(log.database)) {
            return new TableCatalog(connection, log.config).describe(id).schema();
        }
    }

    /** Publication, slot, and a split of these tables as they are now. */
    LogSplit capture(String... tables) throws SQLException {
        LogSplit split = log.capture();
        List<CapturedTable> captured = new ArrayList<>();
        for (String table : tables) {
            captured.add(new CapturedTable(discovered(table), null));
        }
        return split.assigned(captured, null);
    }

    PgLogReader open(LogSplit split) {
        return open(split, Duration.ofMinutes(10));
    }

    PgLogReader open(LogSplit split, Duration lookInterval) {
        return PgLogReader.open(log.config, split, LogFixture.STATUS_INTERVAL, lookInterval);
    }

    /** What the log says until now. */
    List<LogBatch> read(PgLogReader reader) throws SQLException {
        log.execute("SELECT pg_logical_emit_message(true, 'end', '')");
        return LogFixture.readTo(reader, log.endOfLog().toToken());
    }

    static List<TableChange> changes(List<LogBatch> batches) {
        return batches.stream()
                .flatMap(batch -> batch.changes().stream())
                .map(DefinitionChange::change)
                .toList();
    }

    static List<LogSignal> signals(List<LogBatch> batches) {
        return batches.stream().flatMap(batch -> batch.signals().stream()).toList();
    }

    static List<TableSchema> versions(List<LogBatch> batches) {
        return batches.stream().flatMap(batch -> batch.newVersions().stream()).toList();
    }
}
