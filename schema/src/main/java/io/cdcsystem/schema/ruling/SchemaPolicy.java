package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.compatibility.CompatibilityMode;
import java.io.Serializable;
import java.util.Objects;

/**
 * How a table's new versions are judged.
 *
 * @param compatibility which readers must not break
 * @param onBreakingChange what happens when one would
 */
public record SchemaPolicy(CompatibilityMode compatibility, BreakingChangePolicy onBreakingChange)
        implements Serializable {
    /** Unless configured. */
    public static final SchemaPolicy DEFAULT = new SchemaPolicy(CompatibilityMode.BACKWARD, BreakingChangePolicy.PAUSE);

    /** Rejects missing parts. */
    public SchemaPolicy {
        Objects.requireNonNull(compatibility, "compatibility");
        Objects.requireNonNull(onBreakingChange, "onBreakingChange");
    }
}
