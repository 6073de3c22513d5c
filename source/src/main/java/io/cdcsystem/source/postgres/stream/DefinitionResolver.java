package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.CatalogColumn;
import io.cdcsystem.source.postgres.catalog.CatalogColumns;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import io.cdcsystem.source.postgres.ddl.DdlMessage;
import io.cdcsystem.source.postgres.ddl.DdlMessage.Attribute;
import io.cdcsystem.source.postgres.ddl.DdlMessage.Published;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes table versions of the definitions that the log tells, as a discovery of the tables would. */
final class DefinitionResolver {
    private final PostgresConfig config;
    private final List<TablePattern> patterns;
    private final TypeResolver types;

    DefinitionResolver(PostgresConfig config, TypeResolver types) {
        this.config = config;
        this.patterns = config.tables().stream().map(TablePattern::parse).toList();
        this.types = types;
    }

    /** Whether the configuration means the table. */
    boolean names(TableId id) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(id));
    }

    /** The captured part of the table. */
    ToldTable resolve(DdlMessage message, TableId id) {
        types.refresh();
        TableSelect select = config.selectOf(id);
        List<String> selected = select == null ? List.of() : select.columns();
        List<CatalogColumn> raw = new ArrayList<>();
        List<PgType> columnTypes = new ArrayList<>();
        for (Attribute attribute : captured(message, selected)) {
            raw.add(attribute.column());
            columnTypes.add(type(attribute));
        }
        List<Column> columns = CatalogColumns.resolve(raw, columnTypes, types::constants);
        return new ToldTable(
                new TableSchema(id, columns, key(message, columns, !selected.isEmpty())), raw, columnTypes);
    }

    /** The catalog may know more labels by now than the table had here. */
    private PgType type(Attribute attribute) {
        PgType type =
                types.resolve(attribute.column().typeOid(), attribute.column().typmod());
        return type.columnType().kind() == Kind.ENUM && !attribute.labels().isEmpty()
                ? new PgType(
                        type.oid(),
                        type.name(),
                        ColumnType.enumeration(attribute.labels()),
                        type.known(),
                        type.decoder())
                : type;
    }

    private List<Attribute> captured(DdlMessage message, List<String> selected) {
        List<Integer> listed = List.of();
        boolean generated = false;
        for (Published published : message.publications()) {
            if (published.name().equals(config.publicationName())) {
                listed = published.columns();
                generated = published.generated();
            }
        }
        List<Attribute> captured = new ArrayList<>();
        for (Attribute attribute : message.columns()) {
            boolean ordinary = attribute.generated().isEmpty()
                    || (generated && attribute.generated().equals("s"));
            boolean taken = !listed.isEmpty()
                    ? listed.contains(attribute.number())
                    : ordinary
                            && (selected.isEmpty()
                                    || selected.contains(attribute.column().name()));
            if (taken) {
                captured.add(attribute);
            }
        }
        return captured;
    }

    private static List<String> key(DdlMessage message, List<Column> columns, boolean selected) {
        Set<String> names = new HashSet<>();
        columns.forEach(column -> names.add(column.name()));
        for (List<String> key : message.keys()) {
            if (names.containsAll(key)) {
                return key;
            }
            if (selected) {
                return List.of();
            }
        }
        return List.of();
    }
}
