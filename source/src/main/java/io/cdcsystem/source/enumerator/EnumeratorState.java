package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint keeps of the enumerator.
 *
 * @param capture null until the database was found fit and the capture's start was fixed
 * @param versions the table versions that the schema authority has admitted, in order: some hundred bytes per column of
 *     each, for as long as the pipeline lives; empty where nobody rules on them
 * @param left names that have no table any more, as the schema authority knows, with where their tables left them
 */
public record EnumeratorState(@Nullable Capture capture, List<AdmittedVersion> versions, Map<TableId, Position> left) {
    /** Nothing was begun. */
    public static final EnumeratorState EMPTY = new EnumeratorState(null, List.of());

    /** Copies list and map. */
    public EnumeratorState {
        versions = List.copyOf(versions);
        left = Map.copyOf(left);
    }

    /** A state in which no name was left. */
    public EnumeratorState(@Nullable Capture capture, List<AdmittedVersion> versions) {
        this(capture, versions, Map.of());
    }

    /** The same with what was ruled on. */
    EnumeratorState with(AdmittedVersions admitted) {
        return new EnumeratorState(capture, admitted.all(), admitted.left());
    }
}
