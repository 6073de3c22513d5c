package io.cdcsystem.source.enumerator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint keeps of the enumerator.
 *
 * @param capture null until the database was found fit and the capture's start was fixed
 * @param versions the table versions that the schema authority has admitted, in order: some hundred bytes per column of
 *     each, for as long as the pipeline lives; empty where nobody rules on them
 */
public record EnumeratorState(@Nullable Capture capture, List<AdmittedVersion> versions) {
    /** Nothing was begun. */
    public static final EnumeratorState EMPTY = new EnumeratorState(null, List.of());

    /** Copies the list. */
    public EnumeratorState {
        versions = List.copyOf(versions);
    }

    /** The same with these versions admitted. */
    EnumeratorState with(List<AdmittedVersion> admitted) {
        return new EnumeratorState(capture, admitted);
    }
}
