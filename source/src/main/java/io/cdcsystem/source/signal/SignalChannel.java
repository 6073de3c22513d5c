package io.cdcsystem.source.signal;

import java.util.List;

/**
 * Brings signals by another way than the log: for sources that may not be written to. Used from the enumerator's I/O thread
 * only.
 */
public interface SignalChannel extends AutoCloseable {

    /** The signals that arrived since the last call, in order; returns within a fraction of a second. */
    List<Signal> poll();

    /** Behind the signals that were polled: what {@link SignalChannelConfig#open} goes on from. */
    long offset();

    @Override
    void close();
}
