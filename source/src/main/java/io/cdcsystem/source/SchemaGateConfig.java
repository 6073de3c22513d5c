package io.cdcsystem.source;

import io.cdcsystem.schema.authority.SchemaAuthorityConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * Who decides whether a new version of a table may be published, and what waits meanwhile.
 *
 * @param authority rules on versions
 * @param scope what waits while a person has to decide
 * @param backlogBytesMax bytes of waiting events that a reader keeps in memory while others go on; from there on the log
 *     is not read further until they may go
 */
public record SchemaGateConfig(SchemaAuthorityConfig authority, Scope scope, long backlogBytesMax)
        implements Serializable {
    /** Bytes of waiting events unless configured. */
    public static final long BACKLOG_BYTES_MAX = 64L << 20;

    /** What waits for a decision. */
    public enum Scope {
        /** The table whose definition changed; all others go on. */
        TABLE,
        /** Everything behind the change in the log. */
        PIPELINE
    }

    /** Rejects a bound that is not positive. */
    public SchemaGateConfig {
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(scope, "scope");
        if (backlogBytesMax < 1) {
            throw new IllegalArgumentException("a backlog of " + backlogBytesMax + " bytes");
        }
    }
}
