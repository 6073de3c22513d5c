package io.cdcsystem.schema.error;

import org.jspecify.annotations.Nullable;

/** An error a person will read: the message says what happened, where, and what to do. */
public final class CdcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** An error with what, where and remedy in {@code message}. */
    public CdcException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** The same, with the error below it. */
    public CdcException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code + ": " + message, cause);
        this.code = code;
    }

    /** The stable code. */
    public ErrorCode code() {
        return code;
    }
}
