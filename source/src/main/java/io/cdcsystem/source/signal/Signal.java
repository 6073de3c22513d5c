package io.cdcsystem.source.signal;

import java.io.Serializable;
import java.util.Objects;

/**
 * A signal as it was sent: the columns of Debezium's signal table.
 *
 * @param id names it in the log; need not be unique
 * @param type what is asked for: {@code execute-snapshot} …
 * @param data the details as a JSON object; empty where there are none
 */
public record Signal(String id, String type, String data) implements Serializable {

    /** Rejects missing parts. */
    public Signal {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(data, "data");
    }
}
