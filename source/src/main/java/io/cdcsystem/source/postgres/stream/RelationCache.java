package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.type.FieldDecoder;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.split.CapturedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the relation ids of a stream mean, and the version of each captured table that is in force.
 *
 * <p>Relation ids belong to a session and are forgotten with it; table versions outlive it.
 */
final class RelationCache {
    private static final char IDENTITY_DEFAULT = 'd';

    private final String database;
    private final TypeResolver types;
    private final Map<TableId, TableSchema> versions = new HashMap<>();
    private final Map<TableId, Visibility> alreadyRead = new HashMap<>();
    private final Map<Integer, @Nullable RelationLayout> layouts = new HashMap<>();
    // Told once a session, so kept for a table that is captured later; in the order in which they were told last.
    private final Map<Integer, RelationMessage> messages = new LinkedHashMap<>();
    private final @Nullable TableId signalTableId;
    private @Nullable SignalTable signalTable;
    // Neighbouring changes are mostly of one table: the map, and the boxing of its key, are left alone then.
    private int lastRelation;
    private @Nullable RelationLayout lastLayout;
    private boolean lastKnown;

    /** What accepting a relation led to. */
    enum Outcome {
        /** Not one of ours. */
        IGNORED,
        /** The version in force. */
        SAME_VERSION,
        /** A new version. */
        NEW_VERSION,
        /** A type has no binary form that we read: nothing was changed, the stream has to be text. */
        TEXT_NEEDED
    }

    RelationCache(String database, List<CapturedTable> tables, TypeResolver types, @Nullable TableId signalTableId) {
        this.database = database;
        this.types = types;
        this.signalTableId = signalTableId;
        setTables(tables);
    }

    private void setTables(List<CapturedTable> tables) {
        Set<TableId> ids = new HashSet<>();
        for (CapturedTable table : tables) {
            TableId id = table.schema().id();
            ids.add(id);
            Generation oldest = table.oldestGeneration();
            if (versions.putIfAbsent(id, table.schema()) == null && oldest != null) {
                alreadyRead.put(id, oldest.visibility());
            }
        }
        versions.keySet().retainAll(ids);
        alreadyRead.keySet().retainAll(ids);
    }

    /**
     * From here on exactly these tables are captured; one that was captured already stays as it is. False if the stream
     * has to be text for that, and its relations told anew.
     *
     * @param begun hears of versions that begin here: where the stream's description of an added table is another than
     *     that in {@code tables}
     */
    boolean capture(List<CapturedTable> tables, boolean binary, Consumer<TableSchema> begun) {
        Set<TableId> before = Set.copyOf(versions.keySet());
        setTables(tables);
        lastKnown = false;
        for (RelationMessage relation : messages.values()) {
            TableId id = id(relation);
            RelationLayout layout = layouts.get(relation.oid());
            if (layout != null && before.contains(id) && versions.containsKey(id)) {
                continue;
            }
            Outcome outcome = learn(relation, binary);
            if (outcome == Outcome.TEXT_NEEDED) {
                return false;
            }
            TableSchema version = versions.get(id);
            if (outcome == Outcome.NEW_VERSION && version != null) {
                begun.accept(version);
            }
        }
        return true;
    }

    /** Whether a table is captured. */
    boolean captures(TableId id) {
        return versions.containsKey(id);
    }

    /** A new session names its relations anew. */
    void forgetRelations() {
        layouts.clear();
        messages.clear();
        signalTable = null;
        lastKnown = false;
        lastLayout = null;
    }

    /** Learns a relation. */
    Outcome accept(RelationMessage relation, boolean binary) {
        lastKnown = false;
        messages.remove(relation.oid());
        messages.put(relation.oid(), relation);
        if (id(relation).equals(signalTableId)) {
            SignalTable described = new SignalTable(relation);
            if (binary && !described.readableAsBinary()) {
                return Outcome.TEXT_NEEDED;
            }
            signalTable = described;
        }
        return learn(relation, binary);
    }

    private TableId id(RelationMessage relation) {
        return new TableId(database, relation.namespace(), relation.name());
    }

    private Outcome learn(RelationMessage relation, boolean binary) {
        TableId id = id(relation);
        TableSchema previous = versions.get(id);
        if (previous == null) {
            layouts.put(relation.oid(), null);
            return Outcome.IGNORED;
        }
        types.refresh();
        List<PgType> columnTypes = new ArrayList<>();
        for (RelationMessage.Column column : relation.columns()) {
            PgType type = types.resolve(column.typeOid(), column.typmod());
            if (binary && !type.known()) {
                return Outcome.TEXT_NEEDED;
            }
            columnTypes.add(type);
        }
        TableSchema described = describe(relation, columnTypes, previous);
        // The instance is kept where nothing changed, so that consumers can tell versions apart at a glance.
        boolean same = described.equals(previous);
        TableSchema version = same ? previous : described;
        versions.put(id, version);
        layouts.put(relation.oid(), layout(relation, columnTypes, version));
        return same ? Outcome.SAME_VERSION : Outcome.NEW_VERSION;
    }

    private RelationLayout layout(RelationMessage relation, List<PgType> columnTypes, TableSchema version) {
        boolean[] identity = new boolean[relation.columns().size()];
        List<FieldDecoder> decoders = new ArrayList<>();
        for (int i = 0; i < identity.length; i++) {
            identity[i] = relation.columns().get(i).key();
            decoders.add(columnTypes.get(i).decoder());
        }
        return new RelationLayout(version, decoders, identity, alreadyRead.get(version.id()));
    }

    /** The signal table if that is the relation. */
    @Nullable
    SignalTable signalTable(int relation) {
        SignalTable table = signalTable;
        return table != null && table.relation() == relation ? table : null;
    }

    /** The layout of a relation; null for one that is not captured. */
    @Nullable
    RelationLayout layout(int relation) {
        if (lastKnown && relation == lastRelation) {
            return lastLayout;
        }
        if (!layouts.containsKey(relation)) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "a change of relation " + Integer.toUnsignedString(relation)
                            + " came before its description; the server is not a PostgreSQL that this build knows");
        }
        lastRelation = relation;
        lastLayout = layouts.get(relation);
        lastKnown = true;
        return lastLayout;
    }

    private static TableSchema describe(RelationMessage relation, List<PgType> types, TableSchema previous) {
        List<String> key = primaryKey(relation, previous);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            String name = relation.columns().get(i).name();
            PgType type = types.get(i);
            int index = previous.indexOf(name);
            Column before = index < 0 ? null : previous.columns().get(index);
            boolean kept = before != null && before.type().equals(type.columnType());
            boolean nullable = before == null || !kept || before.nullable();
            columns.add(new Column(
                    name,
                    type.columnType(),
                    nullable && !key.contains(name),
                    before != null && kept ? before.defaultValue() : null,
                    type.name()));
        }
        return new TableSchema(previous.id(), columns, key);
    }

    /**
     * The primary key, as far as the message tells: with the default identity the flagged columns are its columns, though
     * not in its order. No flag tells nothing, since a deferrable primary key is no replica identity.
     */
    private static List<String> primaryKey(RelationMessage relation, TableSchema previous) {
        Set<String> names = new HashSet<>();
        List<String> flagged = new ArrayList<>();
        for (RelationMessage.Column column : relation.columns()) {
            names.add(column.name());
            if (column.key()) {
                flagged.add(column.name());
            }
        }
        boolean keyTold = relation.identity() == IDENTITY_DEFAULT && !flagged.isEmpty();
        if (keyTold && !Set.copyOf(flagged).equals(Set.copyOf(previous.primaryKey()))) {
            return flagged;
        }
        return names.containsAll(previous.primaryKey()) ? previous.primaryKey() : List.of();
    }

    /** The table version in force. */
    @Nullable
    TableSchema version(TableId id) {
        return versions.get(id);
    }
}
