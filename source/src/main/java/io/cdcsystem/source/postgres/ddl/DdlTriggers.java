package io.cdcsystem.source.postgres.ddl;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.source.postgres.PgFailures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The event triggers in a database. Everything of theirs is in the schema {@value #SCHEMA}, and goes with it. Belongs to
 * its connection's thread.
 */
public final class DdlTriggers {
    /** What this build installs and reads; other versions' messages are read as far as they are understood. */
    public static final int VERSION = 1;
    /** The schema of the functions. */
    public static final String SCHEMA = "cdc_system";

    /** Removes them; harmless where there are none. */
    public static final String UNINSTALL = "DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE;";

    private static final Pattern COMMENT = Pattern.compile("cdc-system DDL capture, version (\\d{1,6})");
    private static final String STATE = "SELECT coalesce(pg_catalog.obj_description(n.oid, 'pg_namespace'), ''),"
            + " (SELECT count(*) FROM pg_catalog.pg_event_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.evtfoid"
            + "   WHERE f.pronamespace = n.oid AND t.evtenabled IN ('O', 'A'))"
            + " FROM pg_catalog.pg_namespace n WHERE n.nspname = '" + SCHEMA + "'";
    private static final int TRIGGERS = 3;

    private final Connection connection;

    /** What the database says of them. */
    public sealed interface State {}

    /** They are not there: changes are inferred. */
    public record Absent() implements State {}

    /**
     * They write messages.
     *
     * @param version which messages
     */
    public record Installed(int version) implements State {}

    /**
     * The schema is there, but not all of them are, or some are disabled.
     *
     * @param enabled how many of the three fire
     */
    public record Broken(int enabled) implements State {}

    /** Looks through that connection, which is in autocommit mode and stays the caller's. */
    public DdlTriggers(Connection connection) {
        this.connection = connection;
    }

    /** Whether they are there; takes no privilege. */
    public State state() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STATE)) {
            if (!row.next()) {
                return new Absent();
            }
            Matcher comment = COMMENT.matcher(row.getString(1));
            int enabled = row.getInt(2);
            return comment.matches() && enabled == TRIGGERS
                    ? new Installed(Integer.parseInt(comment.group(1)))
                    : new Broken(enabled);
        }
    }

    /** Installs them, or replaces what is there; takes a superuser. */
    public void install() {
        run(installation(), "installing the DDL event triggers");
    }

    /** Removes them. */
    public void uninstall() {
        run(UNINSTALL, "removing the DDL event triggers");
    }

    /** The statements that install them. */
    public static String installation() {
        try (InputStream in = Objects.requireNonNull(DdlTriggers.class.getResourceAsStream("install.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("install.sql of this jar cannot be read", e);
        }
    }

    private void run(String sql, String doing) {
        try {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw new CdcException(
                        ErrorCode.PRIVILEGE_MISSING,
                        doing + " takes a superuser (" + e.getMessage()
                                + "); let one run the statements of docs/schema-changes.md",
                        e);
            }
            throw PgFailures.of(e, ErrorCode.DATABASE_UNREACHABLE, doing);
        }
    }
}
