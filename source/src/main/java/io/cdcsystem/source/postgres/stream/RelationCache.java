package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
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
 * <p>Relation ids' descriptions belong to a session and are forgotten with it; table versions outlive it.
 */
final class RelationCache {
    private final String database;
    private final TypeResolver types;
    private final VersionsInForce inForce;
    private final Map<Integer, @Nullable RelationLayout> layouts = new HashMap<>();
    // Told once a session, so kept for a table that is captured later; in the order in which they were told last.
    private final Map<Integer, RelationMessage> messages = new LinkedHashMap<>();
    /** Told among changes that an earlier reading handed over; only the last ones are those of the version in force. */
    private final Map<Integer, RelationMessage> deferred = new LinkedHashMap<>();
    /** Those of them behind which a definition changed. */
    private final Set<Integer> stale = new HashSet<>();

    private final @Nullable TableId signalTableId;
    private @Nullable SignalTable signalTable;
    // Neighbouring changes are mostly of one table: the map, and the boxing of its key, are left alone then.
    private int lastRelation;
    private @Nullable RelationLayout lastLayout;
    private boolean lastKnown;

    RelationCache(String database, VersionsInForce inForce, TypeResolver types, @Nullable TableId signalTableId) {
        this.database = database;
        this.types = types;
        this.inForce = inForce;
        this.signalTableId = signalTableId;
    }

    /**
     * From here on exactly these tables are captured; one that was captured already stays as it is. False if the stream
     * has to be text for that, and its relations told anew.
     *
     * @param changes hears of versions that begin here: where the stream's description of an added table is another than
     *     that in {@code tables}
     */
    boolean capture(List<CapturedTable> tables, boolean binary, Consumer<TableChange> changes) {
        Set<TableId> before = inForce.occupied();
        inForce.set(tables);
        lastKnown = false;
        boolean readable = true;
        for (RelationMessage kept : List.copyOf(messages.values())) {
            // A kept description may be older than what the log told since: it names no table.
            TableId told = inForce.told(kept.oid());
            RelationMessage relation = told == null ? kept : named(kept, told);
            TableId id = id(relation);
            boolean known = layouts.get(relation.oid()) != null && before.contains(id) && inForce.captures(id);
            readable = readable && (known || learn(relation, binary, changes));
        }
        inForce.settle();
        return readable;
    }

    /** A new session names its relations anew. */
    void forgetRelations() {
        layouts.clear();
        messages.clear();
        deferred.clear();
        stale.clear();
        signalTable = null;
        lastKnown = false;
        lastLayout = null;
    }

    /**
     * Learns a relation, or keeps it for {@link #learnDeferred} where it comes among changes that are skipped. False if a type
     * has no binary form that we read: nothing was changed then, the stream has to be text.
     */
    boolean accept(RelationMessage relation, boolean binary, boolean skipping, Consumer<TableChange> changes) {
        lastKnown = false;
        if (id(relation).equals(signalTableId)) {
            SignalTable described = new SignalTable(relation);
            if (binary && !described.readableAsBinary()) {
                return false;
            }
            signalTable = described;
        }
        if (skipping) {
            deferred.remove(relation.oid());
            deferred.put(relation.oid(), relation);
            stale.remove(relation.oid());
            return true;
        }
        messages.remove(relation.oid());
        messages.put(relation.oid(), relation);
        return learn(relation, binary, changes);
    }

    /** The last change that is skipped has come: the relations told until here count. */
    boolean learnDeferred(boolean binary, Consumer<TableChange> changes) {
        List<RelationMessage> all = List.copyOf(deferred.values());
        Set<Integer> older = Set.copyOf(stale);
        deferred.clear();
        stale.clear();
        for (RelationMessage relation : all) {
            boolean outdated = older.contains(relation.oid()) && inForce.captures(id(relation));
            if (!(outdated ? take(relation, binary) : accept(relation, binary, false, changes))) {
                return false;
            }
        }
        return true;
    }

    /**
     * A description that is older than the version in force tells nothing of it, but is the form of its rows where the names and
     * types are still the same: the server describes a table anew only if its own columns changed, not for an added label.
     */
    private boolean take(RelationMessage relation, boolean binary) {
        TableSchema version = inForce.version(id(relation));
        types.refresh();
        List<PgType> columnTypes = types(relation);
        if (version == null || !RelationDescription.sameForm(relation, columnTypes, version)) {
            return true;
        }
        if (binary && !columnTypes.stream().allMatch(PgType::known)) {
            return false;
        }
        lastKnown = false;
        messages.put(relation.oid(), relation);
        layouts.put(relation.oid(), layout(relation, columnTypes, version));
        return true;
    }

    /** The log told that the table is gone: what the stream described before means nothing any more. */
    void dropped(int relation) {
        lastKnown = false;
        messages.remove(relation);
        deferred.remove(relation);
        layouts.remove(relation);
    }

    /** The log told the name of a table, whether it is captured or not. */
    void named(int relation, TableId id) {
        messages.computeIfPresent(relation, (oid, kept) -> named(kept, id));
        deferred.computeIfPresent(relation, (oid, kept) -> named(kept, id));
    }

    private static RelationMessage named(RelationMessage relation, TableId id) {
        return new RelationMessage(relation.oid(), id.schema(), id.name(), relation.identity(), relation.columns());
    }

    private TableId id(RelationMessage relation) {
        return new TableId(database, relation.namespace(), relation.name());
    }

    private boolean learn(RelationMessage relation, boolean binary, Consumer<TableChange> changes) {
        TableId id = id(relation);
        TableId told = inForce.told(relation.oid());
        TableId name = told == null ? id : told;
        if (name.equals(id) && !inForce.captures(id)) {
            layouts.put(relation.oid(), null);
            return true;
        }
        boolean captured = inForce.takes(id);
        types.refresh();
        List<PgType> columnTypes = types(relation);
        if (binary && captured && !columnTypes.stream().allMatch(PgType::known)) {
            return false;
        }
        TableSchema before = inForce.version(name);
        TableSchema described = describe(relation, columnTypes, id, before);
        // The instance is kept where nothing changed, so that consumers can tell versions apart at a glance.
        TableSchema version = VersionsInForce.kept(before, described);
        if (name.equals(id)) {
            inForce.begin(version);
            inForce.named(relation.oid(), id);
        } else {
            inForce.rename(relation.oid(), name, version);
        }
        layouts.put(relation.oid(), captured ? layout(relation, columnTypes, version) : null);
        if (!version.equals(before)) {
            changes.accept(TableChange.inferred(before, version));
        }
        return true;
    }

    private List<PgType> types(RelationMessage relation) {
        List<PgType> columnTypes = new ArrayList<>();
        for (RelationMessage.Column column : relation.columns()) {
            columnTypes.add(types.resolve(column.typeOid(), column.typmod()));
        }
        return columnTypes;
    }

    private TableSchema describe(
            RelationMessage relation, List<PgType> columnTypes, TableId id, @Nullable TableSchema before) {
        ToldTable definition = inForce.definition(relation.oid());
        if (definition != null && definition.schema().id().equals(id) && definition.describedBy(relation)) {
            return definition.schema();
        }
        TableSchema previous = before == null
                ? new TableSchema(id, List.of(), List.of())
                : new TableSchema(id, before.columns(), before.primaryKey());
        return RelationDescription.version(relation, columnTypes, previous);
    }

    /** The definition of a captured table changed: rows in the form that the stream described are of its new version. */
    void redefined(int relation) {
        lastKnown = false;
        RelationMessage described = messages.get(relation);
        ToldTable definition = inForce.definition(relation);
        if (described == null || definition == null || !layouts.containsKey(relation)) {
            return;
        }
        TableSchema version = inForce.version(definition.schema().id());
        if (version == null || !inForce.captures(version.id())) {
            layouts.put(relation, null);
        } else if (definition.describedBy(described)) {
            layouts.put(relation, layout(described, definition.types(), version));
        }
        // Otherwise the stream describes the table anew before its next row.
    }

    /** A skipped change of a definition: what the stream described before it is older than the version in force. */
    void outdateDeferred(int relation) {
        stale.add(relation);
    }

    private RelationLayout layout(RelationMessage relation, List<PgType> columnTypes, TableSchema version) {
        boolean[] identity = new boolean[relation.columns().size()];
        List<FieldDecoder> decoders = new ArrayList<>();
        for (int i = 0; i < identity.length; i++) {
            identity[i] = relation.columns().get(i).key();
            decoders.add(columnTypes.get(i).decoder());
        }
        return new RelationLayout(version, decoders, identity, inForce.alreadyRead(version.id()));
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
}
