package io.cdcsystem.schema.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One result of a preflight check.
 *
 * @param severity whether the pipeline can run
 * @param component what was looked at: {@code postgres}, {@code kafka}, {@code registry}, {@code config}
 * @param subject the setting, table or object concerned
 * @param message what was found
 * @param remedy the statement or step that mends it; null where there is nothing to mend
 */
public record Finding(
        Severity severity,
        String component,
        String subject,
        String message,
        @Nullable String remedy) {

    /** Ordered by gravity. */
    public enum Severity {
        /** Looked at and good. */
        OK,
        /** Works, with a weaker guarantee or a risk. */
        WARNING,
        /** The pipeline cannot run. */
        ERROR
    }

    /** Rejects missing parts. */
    public Finding {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(component, "component");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(message, "message");
    }
}
