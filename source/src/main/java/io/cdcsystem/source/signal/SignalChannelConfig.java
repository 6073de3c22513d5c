package io.cdcsystem.source.signal;

import java.io.Serializable;

/** Where a channel is; travels with the job graph. */
public interface SignalChannelConfig extends Serializable {
    /** Nothing was polled yet: only signals from now on count. */
    long FROM_NOW_ON = -1;

    /** Opens it at an offset that {@link SignalChannel#offset()} gave, or {@link #FROM_NOW_ON}. */
    SignalChannel open(long offset);
}
