package io.cdcsystem.schema.compatibility;

import io.cdcsystem.schema.table.TableId;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is to be said of a table's new version.
 *
 * @param table the table
 * @param mode what it was judged by
 * @param breaks why a person has to decide; empty where nobody has to
 */
public record Verdict(TableId table, CompatibilityMode mode, List<Break> breaks) {

    /** Takes the breaks over. */
    public Verdict {
        breaks = List.copyOf(breaks);
    }

    /** Whether the version may be used without asking anybody. */
    public boolean passes() {
        return breaks.isEmpty();
    }

    /** Whether a registry of this mode accepts the schemas; what is lost all the same is in {@code breaks}. */
    public boolean compatible() {
        return breaks.stream().noneMatch(Break.Incompatible.class::isInstance);
    }

    /** The verdict in one sentence, naming table, columns, types and who can no longer read whom. */
    public String text() {
        if (passes()) {
            return table + " passes compatibility " + mode.configName();
        }
        return table + " fails compatibility " + mode.configName() + ": "
                + breaks.stream().map(Break::text).collect(Collectors.joining("; "));
    }
}
