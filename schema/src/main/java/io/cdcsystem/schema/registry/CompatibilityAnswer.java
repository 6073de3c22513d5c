package io.cdcsystem.schema.registry;

import java.util.List;

/**
 * A registry's own verdict on a schema.
 *
 * @param compatible whether it would register it
 * @param messages why not, in its own words; may be empty
 */
public record CompatibilityAnswer(boolean compatible, List<String> messages) {

    /** Takes the messages over. */
    public CompatibilityAnswer {
        messages = List.copyOf(messages);
    }
}
