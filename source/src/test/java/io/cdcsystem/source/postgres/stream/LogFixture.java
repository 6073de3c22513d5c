package io.cdcsystem.source.postgres.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.RowChange;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.postgres.type.PgTypeCatalog;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SourceEpoch;
import io.cdcsystem.testbed.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;

/** A database with a publication and a slot, and the split that reads it. */
final class LogFixture {
    static final Duration STATUS_INTERVAL = Duration.ofMillis(500);
    static final Duration LOOK_INTERVAL = Duration.ofMillis(200);
    private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();

    final PostgresServer server;
    final String database;
    final PostgresConfig config;

    LogFixture(PostgresServer server) {
        this.server = server;
        this.database = server.createDatabase();
        this.config = new PostgresConfig(
                server.host(),
                server.port(),
                database,
                server.user(),
                server.password(),
                List.of("public\\..*"),
                "slot_" + database,
                "Pub \"1\"",
                Map.of(),
                List.of(),
                null);
    }

    void execute(String... sql) throws SQLException {
        server.execute(database, sql);
    }

    /** Statements of one transaction. */
    void transaction(String... sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String text : sql) {
                statement.execute(text);
            }
            connection.commit();
        }
    }

    String query(String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    /** Creates publication and slot, and a split at the slot's beginning. */
    LogSplit capture(String... tables) throws SQLException {
        execute(
                "CREATE PUBLICATION \"Pub \"\"1\"\"\" FOR ALL TABLES",
                "SELECT pg_create_logical_replication_slot('" + config.slotName() + "', 'pgoutput')");
        List<CapturedTable> captured = new ArrayList<>();
        for (String table : tables) {
            captured.add(new CapturedTable(describe(table), null));
        }
        return new LogSplit(new SourceEpoch(1, "test/1"), confirmed().toToken(), 0, captured, List.of(), null);
    }

    PgResumeToken confirmed() throws SQLException {
        return lsn(
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + config.slotName() + "'");
    }

    PgResumeToken endOfLog() throws SQLException {
        return lsn("SELECT pg_current_wal_lsn()");
    }

    private PgResumeToken lsn(String sql) throws SQLException {
        return new PgResumeToken(LogSequenceNumber.valueOf(query(sql)).asLong());
    }

    TableSchema describe(String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        List<String> key = new ArrayList<>();
        try (Connection connection = server.connect(database);
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT a.attname, a.atttypid::bigint, a.atttypmod, a.attnotnull, coalesce(a.attnum = ANY("
                                + "(SELECT i.indkey::int2[] FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary)::int2[]"
                                + "), false) FROM pg_attribute a WHERE a.attrelid = ?::regclass AND a.attnum > 0"
                                + " AND NOT a.attisdropped ORDER BY a.attnum")) {
            statement.setString(1, "public." + table);
            PgTypeCatalog types = new PgTypeCatalog(connection);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    PgType type = types.resolve((int) row.getLong(2), row.getInt(3));
                    columns.add(new Column(row.getString(1), type.columnType(), !row.getBoolean(4), null, type.name()));
                    if (row.getBoolean(5)) {
                        key.add(row.getString(1));
                    }
                }
            }
        }
        return new TableSchema(new TableId(database, "public", table), columns, key);
    }

    /** Reads until {@code count} events were handed over. */
    static List<LogBatch> read(PgLogReader reader, int count) {
        List<LogBatch> batches = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        int seen = 0;
        while (seen < count) {
            LogBatch batch = reader.poll(Duration.ofMillis(200));
            if (batch != null) {
                batches.add(batch);
                seen += batch.events().size();
            }
            assertThat(System.nanoTime() - deadline)
                    .as("%s of %s events in time", seen, count)
                    .isNegative();
        }
        assertThat(seen).isEqualTo(count);
        return batches;
    }

    /** Reads until {@code end}. */
    static List<LogBatch> readTo(PgLogReader reader, ResumeToken end) {
        List<LogBatch> batches = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!reader.hasReached(end)) {
            LogBatch batch = reader.poll(Duration.ofMillis(200));
            if (batch != null) {
                batches.add(batch);
            }
            assertThat(System.nanoTime() - deadline)
                    .as("reached %s in time", end)
                    .isNegative();
        }
        return batches;
    }

    static List<SourceEvent> events(List<LogBatch> batches) {
        return batches.stream().flatMap(batch -> batch.events().stream()).toList();
    }

    static List<RowChange> changes(List<LogBatch> batches) {
        return events(batches).stream().map(RowChange.class::cast).toList();
    }

    /** Fields as {@code null}, {@code unchanged}, {@code absent} or hex. */
    static List<String> fields(@Nullable Row row) {
        if (row == null) {
            throw new AssertionError("no such row image");
        }
        RowCursor cursor = new RowCursor().wrap(row);
        List<String> fields = new ArrayList<>();
        while (cursor.next()) {
            fields.add(
                    switch (cursor.length()) {
                        case Row.NULL -> "null";
                        case Row.UNCHANGED -> "unchanged";
                        case Row.ABSENT -> "absent";
                        default ->
                            HexFormat.of()
                                    .formatHex(cursor.array(), cursor.offset(), cursor.offset() + cursor.length());
                    });
        }
        return fields;
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    static String hex(int value) {
        return HexFormat.of().toHexDigits(value);
    }
}
