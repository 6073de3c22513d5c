package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.table.TableId;
import java.util.Collection;
import java.util.stream.Collectors;

/** Names and values as SQL text, quoted so that nothing in them is read as SQL. Stateless. */
public final class SqlText {
    private SqlText() {}

    /** A quoted identifier. */
    public static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** A quoted table name with its schema. */
    public static String table(TableId id) {
        return identifier(id.schema()) + "." + identifier(id.name());
    }

    /** Quoted table names, separated by commas. */
    public static String tables(Collection<TableId> ids) {
        return ids.stream().map(SqlText::table).collect(Collectors.joining(", "));
    }

    /** A string literal that means the same under both settings of {@code standard_conforming_strings}. */
    public static String literal(String value) {
        String quoted = "'" + value.replace("'", "''") + "'";
        return quoted.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
    }
}
