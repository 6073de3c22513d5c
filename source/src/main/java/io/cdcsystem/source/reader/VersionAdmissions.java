package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.table.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table versions that this reader may hand over, and those that it has announced downstream in this attempt. Found by
 * instance while the same one comes again, by content otherwise: equal versions are one. Pure; task thread only.
 */
final class VersionAdmissions {
    private final boolean ruled;
    private final Map<TableSchema, Admission> admissions = new HashMap<>();
    private final Set<TableSchema> announced = new HashSet<>();
    private @Nullable TableSchema lastAdmitted;
    private @Nullable TableSchema lastAnnounced;

    /** None yet; where nobody rules on them every version is published as it is. */
    VersionAdmissions(boolean ruled) {
        this.ruled = ruled;
    }

    /** Whether anybody rules on versions. */
    boolean areRuled() {
        return ruled;
    }

    /** The version may be handed over; announced again where it is to be published in another way than before. */
    void admit(TableSchema table, Admission admission) {
        Admission before = admissions.put(table, admission);
        if (before != null && !before.equals(admission)) {
            announced.remove(table);
            lastAnnounced = null;
        }
    }

    // By instance on purpose: comparing a hundred columns per event is what this avoids.
    /** Whether events of the version may be handed over. */
    @SuppressWarnings("ReferenceEquality")
    boolean isAdmitted(TableSchema table) {
        if (table == lastAdmitted) {
            return true;
        }
        if (ruled && !admissions.containsKey(table)) {
            return false;
        }
        lastAdmitted = table;
        return true;
    }

    /** What is to be announced before an event of this admitted version; null where it was. */
    @SuppressWarnings("ReferenceEquality")
    @Nullable
    Admission announce(TableSchema table) {
        if (table == lastAnnounced) {
            return null;
        }
        lastAnnounced = table;
        if (!announced.add(table)) {
            return null;
        }
        Admission admission = admissions.get(table);
        if (admission == null && ruled) {
            throw new IllegalStateException(table + " was not admitted");
        }
        return admission == null ? new Admission.Publish(table, 0, 0) : admission;
    }
}
