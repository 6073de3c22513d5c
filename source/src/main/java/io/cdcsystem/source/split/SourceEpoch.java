package io.cdcsystem.source.split;

import java.io.Serializable;

/**
 * Names the history that positions belong to, so that a failover or another server behind the same address is noticed.
 *
 * @param number counts the histories, from 1; the epoch of {@link io.cdcsystem.schema.position.Position}
 * @param identity the server's own name of the history (PostgreSQL: {@code systemIdentifier/timeline})
 */
public record SourceEpoch(int number, String identity) implements Serializable {

    /** Rejects a number that was not counted from 1, and an empty identity. */
    public SourceEpoch {
        if (number < 1 || identity.isEmpty()) {
            throw new IllegalArgumentException("epoch " + number + " of '" + identity + "'");
        }
    }
}
