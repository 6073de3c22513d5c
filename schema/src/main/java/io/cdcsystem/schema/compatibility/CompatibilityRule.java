package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.compatibility.Break.Part;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether a table's new version may follow its earlier ones.
 *
 * <p>Two kinds of break. {@link Break.Incompatible} is exactly what an Avro check of the subjects {@code <topic>-key} and
 * {@code <topic>-value} finds: a registry set to the same mode says the same. {@link Break.DataLoss} is what Avro does not
 * mind, yet no machine may decide: a column gone or renamed, another meaning under the same Avro type, a key that no longer
 * finds its row's earlier records. Under {@code NONE} there is neither.
 */
public final class CompatibilityRule {
    private CompatibilityRule() {}

    /**
     * The verdict.
     *
     * <p>The last version is the last one published, also where a definition came back (A, B, A); a registry, which keeps A
     * in its first place, then compares with B, and never refuses what it has already.
     *
     * @param mode transitive modes compare with all earlier versions, others with the last
     * @param earlier the published versions, oldest first; empty for a new table, which always passes. A last version
     *     without a primary key leaves the key's schema where the last version with one put it
     * @param next the new version
     * @param renamedColumns old name to new since the last version
     */
    public static Verdict verdict(
            CompatibilityMode mode, List<TableSchema> earlier, TableSchema next, Map<String, String> renamedColumns) {
        if (earlier.isEmpty() || mode == CompatibilityMode.NONE) {
            return new Verdict(next.id(), mode, List.of());
        }
        List<Break.Incompatible> incompatible = new ArrayList<>();
        incompatible(mode, Part.VALUE, earlier, next, renamedColumns, incompatible);
        incompatible(mode, Part.KEY, earlier, next, renamedColumns, incompatible);
        List<Break> breaks = new ArrayList<>(merged(incompatible));
        TableSchema last = earlier.get(earlier.size() - 1);
        DataLosses.of(mode, last, next, renamedColumns).stream()
                .filter(loss ->
                        incompatible.stream().noneMatch(known -> known.change().equals(loss.change())))
                .forEach(breaks::add);
        return new Verdict(next.id(), mode, breaks);
    }

    private static void incompatible(
            CompatibilityMode mode,
            Part part,
            List<TableSchema> earlier,
            TableSchema next,
            Map<String, String> renamedColumns,
            List<Break.Incompatible> found) {
        if (part == Part.KEY && !next.hasPrimaryKey()) {
            return;
        }
        for (int back = 1; back <= earlier.size(); back++) {
            TableSchema old = earlier.get(earlier.size() - back);
            if (part == Part.KEY && !old.hasPrimaryKey()) {
                // It registered no key: the subject's last version is an older table's.
                continue;
            }
            AvroResolution resolution = new AvroResolution(part, old, next, back == 1 ? renamedColumns : Map.of());
            for (Direction direction : mode.directions()) {
                for (ColumnChange change : resolution.breaks(direction)) {
                    found.add(new Break.Incompatible(change, direction, List.of(part), back));
                }
            }
            if (!mode.transitive()) {
                return;
            }
        }
    }

    /** One break for what shows in key and value alike. */
    private static List<Break.Incompatible> merged(List<Break.Incompatible> breaks) {
        List<Break.Incompatible> merged = new ArrayList<>();
        for (Break.Incompatible one : breaks) {
            int same = 0;
            while (same < merged.size() && !sameBut(merged.get(same), one)) {
                same++;
            }
            if (same == merged.size()) {
                merged.add(one);
            } else if (!merged.get(same).parts().containsAll(one.parts())) {
                List<Part> parts = new ArrayList<>(merged.get(same).parts());
                parts.addAll(one.parts());
                merged.set(same, new Break.Incompatible(one.change(), one.direction(), parts, one.versionsBack()));
            }
        }
        return merged;
    }

    private static boolean sameBut(Break.Incompatible one, Break.Incompatible other) {
        return one.change().equals(other.change())
                && one.direction() == other.direction()
                && one.versionsBack() == other.versionsBack();
    }
}
