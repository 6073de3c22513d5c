package io.cdcsystem.source.signal;

/** What is wrong with a signal, for the log: a signal that makes no sense never stops the pipeline. */
public final class SignalException extends Exception {
    private static final long serialVersionUID = 1;

    /** Says what is wrong, and what would be right. */
    public SignalException(String message) {
        super(message);
    }

    /** The same with what led to it. */
    public SignalException(String message, Throwable cause) {
        super(message, cause);
    }
}
