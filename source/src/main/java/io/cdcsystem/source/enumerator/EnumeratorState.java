package io.cdcsystem.source.enumerator;

import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint keeps of the enumerator.
 *
 * @param capture null until the database was found fit and the capture's start was fixed
 */
public record EnumeratorState(@Nullable Capture capture) {
    /** Nothing was begun. */
    public static final EnumeratorState EMPTY = new EnumeratorState(null);
}
