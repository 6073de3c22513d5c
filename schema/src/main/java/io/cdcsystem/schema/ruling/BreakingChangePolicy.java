package io.cdcsystem.schema.ruling;

import java.util.Locale;

/** What becomes of a version that breaks a table's compatibility, as long as nobody has decided on it. */
public enum BreakingChangePolicy {
    /** The table's events wait for a decision. */
    PAUSE,
    /** The pipeline fails. */
    FAIL,
    /** Rows are published in the words of the last version where all of them can be said in it; else as {@code PAUSE}. */
    IGNORE_COLUMN,
    /** Rows go to the dead-letter topic. */
    DEAD_LETTER;

    /** As pipeline files write it: {@code ignore-column}. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
