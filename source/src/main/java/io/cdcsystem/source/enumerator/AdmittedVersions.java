package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The versions that the schema authority has admitted, by table and in order. Pure; coordinator thread only. */
final class AdmittedVersions {
    private final Map<TableSchema, AdmittedVersion> versions = new LinkedHashMap<>();
    private final Map<TableId, TableSchema> latest = new LinkedHashMap<>();

    /** Names that have no table any more, with where it left them. */
    private final Map<TableId, Position> left;

    AdmittedVersions(List<AdmittedVersion> stored, Map<TableId, Position> left) {
        this.left = new HashMap<>(left);
        stored.forEach(version -> admit(version.table(), version.admission(), version.position()));
    }

    /** The version is admitted by a change there, and the latest of its table. */
    void admit(TableSchema table, Admission admission, Position position) {
        versions.remove(table);
        versions.put(table, new AdmittedVersion(table, admission, position));
        latest.put(table.id(), table);
    }

    /** How the version is published; null where it is not admitted. */
    @Nullable
    Admission of(TableSchema table) {
        AdmittedVersion known = versions.get(table);
        return known == null ? null : known.admission();
    }

    /**
     * What was ruled on that change before, so that nobody has to be asked; null where it is new. A change back to an
     * earlier version is a change like any other, unless it is read again. The version is the latest of its table then.
     */
    @Nullable
    Admission ruledOn(TableChange change, Position position) {
        TableSchema after = change.after();
        if (after == null) {
            return null;
        }
        AdmittedVersion known = versions.get(after);
        if (known == null) {
            return null;
        }
        boolean again = position.compareTo(known.position()) <= 0 || change.origin() == ChangeOrigin.SNAPSHOT;
        boolean present = change.before() != null && after.equals(latest.get(after.id()));
        if (!again && !present) {
            return null;
        }
        // What is read again ends with the version that was the last before, and meanwhile each is judged as it was
        // then.
        admit(after, known.admission(), known.position());
        return known.admission();
    }

    /** The change was ruled on: a drop, and a rename, leaves a name without a table. */
    void happened(TableChange change, Position position) {
        TableSchema after = change.after();
        if (after != null) {
            present(after.id(), position);
        }
        if (after == null || !after.id().equals(change.table())) {
            left.merge(change.table(), position, (one, other) -> one.compareTo(other) < 0 ? other : one);
        }
    }

    /** There is a table of that name there. */
    void present(TableId table, Position position) {
        Position gone = left.get(table);
        if (gone != null && position.compareTo(gone) >= 0) {
            left.remove(table);
        }
    }

    /** Whether the change says only that a name has no table, which was ruled on: each look at the catalog finds it again. */
    boolean isFoundAgain(TableChange change) {
        return change.after() == null && change.origin() == ChangeOrigin.INFERRED && left.containsKey(change.table());
    }

    /** The change as told by what was admitted before: one that found a version only does not know which it follows. */
    TableChange completed(TableChange change) {
        TableSchema after = change.after();
        TableSchema before = after == null ? null : latest.get(after.id());
        boolean found = change.before() == null && change.origin() == ChangeOrigin.SNAPSHOT;
        return found && before != null
                ? new TableChange(before, after, Map.of(), false, change.origin(), change.statement())
                : change;
    }

    /** The versions that the table's records have shown, the last one at the end. */
    List<TableSchema> published(TableId table) {
        Set<TableSchema> published = new LinkedHashSet<>();
        for (AdmittedVersion version : versions.values()) {
            if (version.table().id().equals(table) && version.admission() instanceof Admission.Publish publish) {
                published.remove(publish.as());
                published.add(publish.as());
            }
        }
        return new ArrayList<>(published);
    }

    /** The names that have no table any more, for the state. */
    Map<TableId, Position> left() {
        return Map.copyOf(left);
    }

    /** All, in order, for the state. */
    List<AdmittedVersion> all() {
        return List.copyOf(versions.values());
    }
}
