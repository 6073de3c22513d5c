package io.cdcsystem.source.postgres.stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.ddl.DdlMessage;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalParser;
import io.cdcsystem.source.split.CapturedTable;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The definitions of the captured tables while the log is read: puts into force what the event triggers and looks at the
 * catalog tell; what the stream describes is its {@link RelationCache}'s. Belongs to the fetcher thread.
 */
final class CapturedDefinitions {
    private static final String RENAMED_COLUMN = "table column";

    private final String database;
    private final VersionsInForce inForce;
    private final DefinitionResolver definitions;
    private final RelationCache relations;

    /**
     * The definitions at the beginning.
     *
     * @param signalTable the table whose rows are signals; null for none
     */
    CapturedDefinitions(
            PostgresConfig config, List<CapturedTable> tables, TypeResolver types, @Nullable TableId signalTable) {
        this.database = config.database();
        this.definitions = new DefinitionResolver(config, types);
        this.inForce = new VersionsInForce(tables, definitions::names);
        this.relations = new RelationCache(database, inForce, types, signalTable);
    }

    /** What the stream's relation ids mean. */
    RelationCache relations() {
        return relations;
    }

    /** A session begins: what was changed behind the last row of the one before is told again. */
    void beginSession() {
        inForce.restore();
        relations.forgetRelations();
    }

    /** What was changed until here is not told again. */
    void settle() {
        inForce.settle();
    }

    /** Whether a table of that name is captured, or would be. */
    boolean captures(TableId id) {
        return inForce.captures(id);
    }

    /** The version in force; null where there is no such table. */
    @Nullable
    TableSchema version(TableId id) {
        return inForce.version(id);
    }

    /** The captured names that have a table. */
    Map<TableId, StandingTable> standing() {
        Map<TableId, StandingTable> standing = new HashMap<>();
        for (TableId id : inForce.occupied()) {
            TableSchema version = inForce.version(id);
            if (version != null) {
                standing.put(id, new StandingTable(version, inForce.oids(id)));
            }
        }
        return standing;
    }

    /** The oids of captured tables as the catalog has them now. */
    void presume(Map<TableId, Integer> oids) {
        inForce.presume(oids);
    }

    /**
     * The catalog has these tables no longer.
     *
     * @param tables as they stood at the look: what the log changed since is another table maybe, and left to the next look
     */
    void gone(Map<TableId, StandingTable> tables, Consumer<TableChange> changes) {
        Map<TableId, StandingTable> standing = standing();
        for (Map.Entry<TableId, StandingTable> seen : tables.entrySet()) {
            TableId table = seen.getKey();
            if (seen.getValue().equals(standing.get(table))) {
                TableSchema previous = seen.getValue().version();
                inForce.oids(table).forEach(relations::dropped);
                inForce.vacate(table);
                inForce.settle();
                changes.accept(new TableChange(previous, null, Map.of(), false, ChangeOrigin.INFERRED, null));
            }
        }
    }

    /** Whether a message may be followed by a signal; its own words alone decide, so that each reading counts alike. */
    static boolean mayAsk(DdlMessage message) {
        return message.rewritten() || renames(message);
    }

    /**
     * The signal by which a rewritten table is read again, and a renamed one read under its new name; null where it is none of
     * ours, or was read behind that.
     */
    @Nullable
    Signal asked(DdlMessage message, long transaction) {
        return message.rewritten() ? readAgain(message, transaction) : readRenamed(message);
    }

    /** Its new topic begins with its rows, and whoever assigns the log learns its name. */
    private @Nullable Signal readRenamed(DdlMessage message) {
        TableId id = id(message);
        return inForce.isRenamed(id) ? signal("rename to " + id, SignalParser.ADD_TABLES, id) : null;
    }

    private @Nullable Signal readAgain(DdlMessage message, long transaction) {
        TableId id = id(message);
        Visibility read = inForce.alreadyRead(id);
        if (inForce.version(id) == null || (read != null && read.sees(transaction))) {
            return null;
        }
        return signal("rewrite of " + id, SignalParser.EXECUTE_SNAPSHOT, id);
    }

    private static Signal signal(String name, String type, TableId id) {
        // Quotes are meant literally, and what stands in them is no expression.
        String matcher = literal(id.schema()) + "\\." + literal(id.name());
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.putArray(SignalParser.DATA_COLLECTIONS).add(matcher);
        return new Signal(name, type, data.toString());
    }

    private static String literal(String name) {
        return "\"" + name.replace("\"", "\".\"") + "\"";
    }

    /** A message among changes that an earlier reading handed over: its version is in force already. */
    void skip(DdlMessage message) {
        if (message.dropped()) {
            relations.dropped(message.oid());
            return;
        }
        TableId id = id(message);
        relations.named(message.oid(), id);
        relations.outdateDeferred(message.oid());
        if (inForce.captures(id)) {
            inForce.named(message.oid(), id);
        }
    }

    /**
     * Takes a message in; {@code changes} hears what it changes. False if the stream has to be text for that; nothing was
     * changed then.
     */
    boolean accept(DdlMessage message, boolean binary, Consumer<TableChange> changes) {
        TableId before = captured(message);
        if (message.dropped()) {
            relations.dropped(message.oid());
        } else {
            relations.named(message.oid(), id(message));
        }
        if (before == null) {
            return true;
        }
        TableSchema previous = inForce.version(before);
        if (message.dropped()) {
            if (previous == null) {
                return true;
            }
            inForce.vacate(before);
            changes.accept(new TableChange(previous, null, Map.of(), false, ChangeOrigin.DDL, message.statement()));
            return true;
        }
        TableId id = id(message);
        ToldTable told = definitions.resolve(message, id);
        boolean captured = inForce.takes(id);
        if (binary && captured && !told.readableAsBinary()) {
            return false;
        }
        TableSchema version = VersionsInForce.kept(previous, told.schema());
        inForce.tell(message.oid(), told);
        if (before.equals(id)) {
            inForce.begin(version);
            inForce.named(message.oid(), id);
        } else {
            inForce.rename(message.oid(), before, version);
        }
        relations.redefined(message.oid());
        if (version.equals(previous) && !message.rewritten()) {
            return true;
        }
        changes.accept(new TableChange(
                previous,
                version,
                renamedColumns(message, previous, version),
                message.rewritten(),
                ChangeOrigin.DDL,
                message.statement()));
        return true;
    }

    private TableId id(DdlMessage message) {
        return new TableId(database, message.schema(), message.name());
    }

    /** The captured table that a message is about, under the name that it had so far; null where it is none. */
    private @Nullable TableId captured(DdlMessage message) {
        TableId named = id(message);
        TableId told = inForce.told(message.oid());
        if (told != null) {
            return told;
        }
        TableId presumed = inForce.presumed(message.oid());
        if (presumed != null && !presumed.equals(named)) {
            // The catalog is ahead of the log: the table may have taken its name of today only later.
            if (renames(message)) {
                return presumed;
            }
            inForce.presumeNot(message.oid());
        }
        if (message.dropped() && !inForce.oids(named).isEmpty()) {
            // Another table of that name: ours has another oid.
            return null;
        }
        return inForce.captures(named) ? named : null;
    }

    private static boolean renames(DdlMessage message) {
        String statement = message.statement();
        if (statement == null || !message.tag().startsWith("ALTER ")) {
            return false;
        }
        String words = statement.toUpperCase(Locale.ROOT).replaceAll("\\s+", " ");
        return words.contains("RENAME") || words.contains("SET SCHEMA");
    }

    /** A renamed column is told as one; the table has the same columns otherwise, in the same places. */
    private static Map<String, String> renamedColumns(
            DdlMessage message, @Nullable TableSchema before, TableSchema after) {
        if (before == null || !message.objectType().equals(RENAMED_COLUMN)) {
            return Map.of();
        }
        List<Column> old = before.columns();
        List<Column> now = after.columns();
        int different = -1;
        for (int i = 0; i < old.size() && old.size() == now.size(); i++) {
            if (!old.get(i).name().equals(now.get(i).name())) {
                if (different >= 0) {
                    return Map.of();
                }
                different = i;
            }
        }
        return different < 0
                ? Map.of()
                : Map.of(old.get(different).name(), now.get(different).name());
    }
}
