package io.cdcsystem.testbed;

import org.jspecify.annotations.Nullable;

/** A server of the testbed could not be started, reached or stopped; the message carries the end of its log. */
public final class ServerFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ServerFailedException(String message) {
        this(message, null);
    }

    public ServerFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
