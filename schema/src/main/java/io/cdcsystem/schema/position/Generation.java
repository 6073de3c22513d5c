package io.cdcsystem.schema.position;

import java.io.Serializable;
import java.util.Objects;

/**
 * All snapshot chunks that read under one database snapshot.
 *
 * @param run counts the snapshots of a table, 1 for the initial one: within one run a key is taken from one generation
 *     only, a later run replaces what an earlier one read
 * @param number counts the generations of a pipeline, from 1
 * @param position where its rows stand among the log's changes: below every change it cannot see; its ordinal is
 *     {@code number}
 * @param visibility which transactions its rows contain
 */
public record Generation(int run, int number, Position position, Visibility visibility) implements Serializable {

    /** Rejects numbers that were not counted from 1, and a position of another generation. */
    public Generation {
        if (run < 1 || number < 1) {
            throw new IllegalArgumentException("run " + run + " and generation " + number + " count from 1");
        }
        if (position.ordinal() != number) {
            throw new IllegalArgumentException("position " + position + " is not of generation " + number);
        }
        Objects.requireNonNull(visibility, "visibility");
    }

    /** The same database snapshot, read for another run of a table. */
    public Generation inRun(int other) {
        return other == run ? this : new Generation(other, number, position, visibility);
    }
}
