package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;

/**
 * Something on the server that stands in the way of capturing: reported by preflight, thrown by a start.
 *
 * @param code what kind of error it is
 * @param subject the setting, table or object concerned
 * @param message what was found
 * @param remedy the statement or step that mends it
 */
public record Obstacle(ErrorCode code, String subject, String message, String remedy) {

    /** The same, of another kind. */
    public Obstacle as(ErrorCode other) {
        return new Obstacle(other, subject, message, remedy);
    }

    /** As the error that a start ends with. */
    public CdcException toException() {
        return new CdcException(code, message + "; to mend it: " + remedy);
    }

    /** As a finding that says the pipeline cannot run. */
    public Finding toFinding() {
        return new Finding(Severity.ERROR, "postgres", subject, message, remedy);
    }
}
