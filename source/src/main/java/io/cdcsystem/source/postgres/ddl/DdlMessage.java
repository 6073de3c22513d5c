package io.cdcsystem.source.postgres.ddl;

import io.cdcsystem.source.postgres.catalog.CatalogColumn;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the event triggers say of one table.
 *
 * @param tag the command's tag: {@code ALTER TABLE} …
 * @param objectType what the command changed: {@code table}, {@code table column} for a renamed one …
 * @param statement the client's whole statement; null where the server did not say
 * @param oid the table's oid, unsigned
 * @param schema its schema, after the command
 * @param name its name, after the command
 * @param dropped whether it is gone; nothing is told of its columns then
 * @param rewritten whether all rows were written anew
 * @param columns its columns in order
 * @param keys the columns of each unique index that can tell rows apart, best first
 * @param publications those that publish other columns than the ordinary ones
 */
public record DdlMessage(
        String tag,
        String objectType,
        @Nullable String statement,
        int oid,
        String schema,
        String name,
        boolean dropped,
        boolean rewritten,
        List<Attribute> columns,
        List<List<String>> keys,
        List<Published> publications) {
    /** The prefix of the logical messages. */
    public static final String PREFIX = "cdc.ddl";

    /** Copies the lists. */
    public DdlMessage {
        Objects.requireNonNull(tag, "tag");
        Objects.requireNonNull(objectType, "objectType");
        columns = List.copyOf(columns);
        keys = List.copyOf(keys);
        publications = List.copyOf(publications);
    }

    /**
     * A column.
     *
     * @param number its {@code attnum}
     * @param column what the catalog says
     * @param generated {@code pg_attribute.attgenerated}; empty for an ordinary column
     * @param labels an enumeration's labels in order; empty for any other type
     */
    public record Attribute(int number, CatalogColumn column, String generated, List<String> labels) {
        /** Copies the labels. */
        public Attribute {
            labels = List.copyOf(labels);
        }
    }

    /**
     * What a publication publishes of the table.
     *
     * @param name the publication
     * @param columns the numbers of the columns in its list; empty where it has none
     * @param generated whether it publishes stored generated columns
     */
    public record Published(String name, List<Integer> columns, boolean generated) {
        /** Copies the numbers. */
        public Published {
            columns = List.copyOf(columns);
        }
    }
}
