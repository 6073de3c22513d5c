package io.cdcsystem.schema.compatibility;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which readers a new schema must not break. The names are those of Confluent's registry. */
public enum CompatibilityMode {
    /** Readers of the new schema read what the last one wrote. */
    BACKWARD(true, false, false),
    /** Readers of the new schema read what any earlier one wrote. */
    BACKWARD_TRANSITIVE(true, false, true),
    /** Readers of the last schema read what the new one writes. */
    FORWARD(false, true, false),
    /** Readers of any earlier schema read what the new one writes. */
    FORWARD_TRANSITIVE(false, true, true),
    /** Both ways with the last schema. */
    FULL(true, true, false),
    /** Both ways with every earlier schema. */
    FULL_TRANSITIVE(true, true, true),
    /** Everything passes. */
    NONE(false, false, false);

    private final boolean backward;
    private final boolean forward;
    private final boolean transitive;

    CompatibilityMode(boolean backward, boolean forward, boolean transitive) {
        this.backward = backward;
        this.forward = forward;
        this.transitive = transitive;
    }

    /** Whether every earlier schema counts, or the last one only. */
    public boolean transitive() {
        return transitive;
    }

    /** Who must go on reading whom; empty for {@code NONE}. */
    public List<Direction> directions() {
        if (backward) {
            return forward ? List.of(Direction.BACKWARD, Direction.FORWARD) : List.of(Direction.BACKWARD);
        }
        return forward ? List.of(Direction.FORWARD) : List.of();
    }

    /** As pipeline files write it: {@code backward-transitive}. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The mode of a name, as a pipeline file or a registry writes it.
     *
     * @throws IllegalArgumentException naming all modes, when there is none of that name
     */
    public static CompatibilityMode parse(String text) {
        String name = text.strip().replace('-', '_').toUpperCase(Locale.ROOT);
        for (CompatibilityMode mode : values()) {
            if (mode.name().equals(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("no compatibility mode " + text + "; one of "
                + Arrays.stream(values()).map(CompatibilityMode::configName).collect(Collectors.joining(", ")));
    }
}
