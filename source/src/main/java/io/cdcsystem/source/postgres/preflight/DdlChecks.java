package io.cdcsystem.source.postgres.preflight;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.source.postgres.PgConnections;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.ddl.DdlTriggers;
import java.sql.Connection;

/** What a check says of the event triggers that write DDL into the log, and does about them. Stateless; any thread. */
public final class DdlChecks {
    private static final String COMPONENT = "postgres";
    private static final String SUBJECT = "event triggers";
    private static final String INSTALL = "./cdc check --install, with a superuser as source.username";

    private DdlChecks() {}

    /** Installs them, or replaces those that are there; the finding says what came of it. */
    public static Finding install(PostgresConfig config) {
        return change(config, true);
    }

    /** Removes them, where there are any. */
    public static Finding uninstall(PostgresConfig config) {
        return change(config, false);
    }

    private static Finding change(PostgresConfig config, boolean install) {
        Connection connection = null;
        try {
            connection = new PgConnections(config).query();
            DdlTriggers triggers = new DdlTriggers(connection);
            if (install) {
                triggers.install();
            } else {
                triggers.uninstall();
            }
            return new Finding(
                    Severity.OK, COMPONENT, SUBJECT, install ? "installed" : "removed, where there were any", null);
        } catch (CdcException e) {
            return new Finding(
                    Severity.ERROR,
                    COMPONENT,
                    SUBJECT,
                    String.valueOf(e.getMessage()),
                    "let a superuser run "
                            + (install ? "install.sql, see docs/schema-changes.md" : DdlTriggers.UNINSTALL));
        } finally {
            if (connection != null) {
                PgConnections.close(connection);
            }
        }
    }

    /** What their state means. Without them a pipeline runs, so that they are absent is no warning. */
    static Finding finding(DdlTriggers.State state) {
        if (state instanceof DdlTriggers.Broken broken) {
            return new Finding(
                    Severity.WARNING,
                    COMPONENT,
                    SUBJECT,
                    "the schema " + DdlTriggers.SCHEMA + " is there, but only " + broken.enabled()
                            + " of its event triggers fire: changes of definitions are seen in part",
                    INSTALL);
        }
        if (state instanceof DdlTriggers.Installed installed && installed.version() != DdlTriggers.VERSION) {
            return new Finding(
                    Severity.WARNING,
                    COMPONENT,
                    SUBJECT,
                    "they are of version " + installed.version() + ", and this build's of version "
                            + DdlTriggers.VERSION,
                    INSTALL);
        }
        return new Finding(
                Severity.OK,
                COMPONENT,
                SUBJECT,
                state instanceof DdlTriggers.Installed installed
                        ? "version " + installed.version() + " writes each change of a definition into the log"
                        : "not installed: changes of definitions are inferred from rows, which tells neither renames nor"
                                + " defaults nor rewrites; to see them: "
                                + INSTALL,
                null);
    }
}
