package io.cdcsystem.testbed.load;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a database remembers of its own changes, in schema {@code audit}.
 *
 * <p>Every row of a watched table carries {@code v}, a number that a trigger draws anew for each change; a second trigger
 * writes (table, key, operation, v) to {@code audit.change}. So every change has a name that no part of the pipeline made
 * up. A change of the key is a delete and an insert, as it is for a consumer.
 */
public final class Audit {
    /** The definition of the column that each watched table needs. */
    public static final String VERSION_COLUMN = "v bigint NOT NULL DEFAULT nextval('audit.version')";

    private static final String INSTALL = """
            CREATE SCHEMA audit;
            CREATE SEQUENCE audit.version;
            CREATE TABLE audit.change (
                seq bigserial PRIMARY KEY, tab text NOT NULL, key text NOT NULL, op char(1) NOT NULL, v bigint NOT NULL);
            CREATE FUNCTION audit.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.v := nextval('audit.version');
                RETURN NEW;
            END $$;
            CREATE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                old_key text;
                new_key text;
            BEGIN
                IF TG_OP <> 'INSERT' THEN
                    SELECT string_agg(to_jsonb(OLD) ->> c, '/' ORDER BY n)
                        INTO old_key FROM unnest(TG_ARGV[1:]) WITH ORDINALITY AS k(c, n);
                END IF;
                IF TG_OP <> 'DELETE' THEN
                    SELECT string_agg(to_jsonb(NEW) ->> c, '/' ORDER BY n)
                        INTO new_key FROM unnest(TG_ARGV[1:]) WITH ORDINALITY AS k(c, n);
                END IF;
                IF TG_OP = 'UPDATE' AND old_key = new_key THEN
                    INSERT INTO audit.change (tab, key, op, v) VALUES (TG_ARGV[0], new_key, 'u', NEW.v);
                    RETURN NULL;
                END IF;
                IF old_key IS NOT NULL THEN
                    INSERT INTO audit.change (tab, key, op, v) VALUES (TG_ARGV[0], old_key, 'd', OLD.v);
                END IF;
                IF new_key IS NOT NULL THEN
                    INSERT INTO audit.change (tab, key, op, v) VALUES (TG_ARGV[0], new_key, 'c', NEW.v);
                END IF;
                RETURN NULL;
            END $$;
            """;

    private Audit() {}

    /** Creates the schema; once a database, before any table that is to be watched. */
    public static void install(Connection connection) throws SQLException {
        execute(connection, INSTALL);
    }

    /**
     * Takes the rows of now for inserted and records every change from now on.
     *
     * @param table a table of schema {@code public}, which may be partitioned
     * @param keyColumns its key's columns in order
     */
    public static void watch(Connection connection, String table, String... keyColumns) throws SQLException {
        String key = Arrays.stream(keyColumns)
                .map(column -> "(to_jsonb(" + table + ") ->> '" + column + "')")
                .collect(Collectors.joining(" || '/' || "));
        String arguments = "'" + table + "', "
                + Arrays.stream(keyColumns).map(column -> "'" + column + "'").collect(Collectors.joining(", "));
        execute(
                connection,
                "INSERT INTO audit.change (tab, key, op, v) SELECT '" + table + "', " + key + ", 'c', v FROM " + table);
        execute(
                connection,
                "CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON " + table
                        + " FOR EACH ROW EXECUTE FUNCTION audit.stamp()");
        execute(
                connection,
                "CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON " + table
                        + " FOR EACH ROW EXECUTE FUNCTION audit.record(" + arguments + ")");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
